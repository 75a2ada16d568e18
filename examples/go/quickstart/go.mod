module quickstart

go 1.24

require github.com/distcache/distcache/bindings/go v0.0.0

replace github.com/distcache/distcache/bindings/go => ../../../bindings/go
