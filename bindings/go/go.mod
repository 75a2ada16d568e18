module github.com/distcache/distcache/bindings/go

go 1.24
