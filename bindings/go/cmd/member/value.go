package main

import (
	"bytes"
	"hash/fnv"
	"strings"
)

type corruptError struct{ why string }

func (e corruptError) Error() string { return e.why }

// value is what a member makes of a key: who made it for the nth time, and a filling from which a
// reader knows that every byte arrived.
func value(key, name, nth string) []byte {
	return filled(key + " " + name + " go " + nth)
}

func filled(text string) []byte {
	hash := fnv.New64a()
	hash.Write([]byte(text))
	h := hash.Sum64()
	size := h % 2048
	if h%64 == 0 {
		size += 100000
	}
	made := make([]byte, 0, uint64(len(text))+1+size)
	made = append(append(made, text...), '\n')
	x := h | 1
	for range size {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		made = append(made, byte(x>>56))
	}
	return made
}

// check reads a value: who loaded it, in which language, for the how manieth time.
func check(key string, value []byte) (who string, err error) {
	text, _, ok := bytes.Cut(value, []byte("\n"))
	words := strings.Split(string(text), " ")
	if !ok || len(words) != 4 || words[0] != key {
		return "", corruptError{"the value is not one of " + key}
	}
	if !bytes.Equal(value, filled(string(text))) {
		return "", corruptError{"the filling is wrong"}
	}
	return strings.Join(words[1:], " "), nil
}
