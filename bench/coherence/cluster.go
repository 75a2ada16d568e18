package main

import "time"

// loader is the source of one member.
type loader func(member int, key string) string

// cluster is a ring of members in this process that talk through relays on loopback.
type cluster interface {
	get(member int, key string) (string, error)
	put(member int, key, value string) error
	remove(member int, key string) error
	removeMany(member int, keys []string) error
	close()
}

// product is one of the two that are compared.
type product struct {
	name string
	open func(members int, delay time.Duration, load loader) (cluster, error)
}
