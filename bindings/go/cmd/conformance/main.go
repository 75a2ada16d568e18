// Command conformance plays the scenarios of a file, or those named, and prints what it saw: see
// docs/conformance.md. It uses nothing but what a user of the binding has.
package main

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"time"
)

// patience is how long a condition may take to come true before the run is given up: generous,
// since it is only met when something is broken.
const patience = 120 * time.Second

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: conformance FILE [NAME...]")
		os.Exit(2)
	}
	if err := play(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

func play(file string, names []string) error {
	var all scenarios
	if err := readFile(file, &all); err != nil {
		return err
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for i := range all.Scenarios {
		described := &all.Scenarios[i]
		if len(names) > 0 && !slices.Contains(names, described.Name) {
			continue
		}
		if err := run(described, out); err != nil {
			return fmt.Errorf("%s: %w", described.Name, err)
		}
		out.Flush()
	}
	return nil
}
