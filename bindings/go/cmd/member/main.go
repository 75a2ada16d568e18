// Command member is one member of a ring of several languages: it reads commands and answers lines,
// as docs/conformance.md describes them.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	distcache "github.com/distcache/distcache/bindings/go"
)

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 0, 64<<10), 16<<20)
	var m member
	for in.Scan() {
		words := strings.Split(in.Text(), " ")
		if words[0] == "quit" {
			fmt.Println("ok")
			break
		}
		answer, err := m.command(words[0], words[1:])
		if err != nil {
			answer = failure(err)
		}
		fmt.Println(answer)
	}
	m.close()
}

func failure(err error) string {
	status, message := distcache.StatusOf(err).String(), err.Error()
	var detail *distcache.Error
	var corrupt corruptError
	switch {
	case errors.As(err, &corrupt):
		status = "CORRUPT"
	case errors.As(err, &detail):
		message = detail.Message
	}
	return "error " + status + " " + strings.ReplaceAll(message, "\n", "; ")
}

// The commands, each with the least number of its words.
var commands = map[string]struct {
	words int
	run   func(m *member, words []string) (string, error)
}{
	"language":  {0, func(*member, []string) (string, error) { return "ok go", nil }},
	"open":      {1, (*member).open},
	"ready":     {1, (*member).ready},
	"get":       {1, (*member).get},
	"peek":      {1, (*member).peek},
	"put":       {2, (*member).put},
	"delete":    {1, (*member).delete},
	"peers":     {0, (*member).peers},
	"loads":     {0, (*member).loads},
	"traffic":   {4, (*member).traffic},
	"bench_hit": {1, (*member).benchHit},
	"bench_get": {2, (*member).benchGet},
	"close":     {0, func(m *member, _ []string) (string, error) { return "ok", m.close() }},
}

func (m *member) command(name string, words []string) (string, error) {
	chosen, ok := commands[name]
	if !ok || len(words) < chosen.words {
		return "", invalid("no such command: " + name)
	}
	if m.engine == nil && !slices.Contains([]string{"language", "open", "close"}, name) {
		return "", &distcache.Error{Status: distcache.Closed, Message: "the engine is not open"}
	}
	return chosen.run(m, words)
}

func invalid(message string) error {
	return &distcache.Error{Status: distcache.InvalidArgument, Message: message}
}

// numbers are the words as numbers.
func numbers(words []string) ([]int64, error) {
	all := make([]int64, len(words))
	for i, word := range words {
		number, err := strconv.ParseInt(word, 10, 64)
		if err != nil || number < 0 {
			return nil, invalid("no number: " + word)
		}
		all[i] = number
	}
	return all, nil
}
