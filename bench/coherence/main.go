// Coherence compares what groupcache-go does to a delete, a put and a counter in a key with what
// distcache does: the same scenarios, in one harness, with real sockets.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

func main() {
	long := flag.Bool("long", false, "ten times as many keys")
	flag.Parse()
	products := []product{{"groupcache-go", openGroupcache}, {"distcache", openDistcache}}
	factor := 1
	if *long {
		factor = 10
	}
	started, ours := time.Now(), 0
	table := fmt.Sprintf("| %-40s | %18s | %18s |\n| --- | ---: | ---: |\n", "violations",
		products[0].name, products[1].name)
	for _, scenario := range scenarios() {
		fmt.Printf("== %s: wrong is, %s\n", scenario.name, scenario.wrong)
		row := fmt.Sprintf("| %-40s |", scenario.name)
		for i, product := range products {
			began := time.Now()
			seen, err := scenario.run(product, scenario.size*factor)
			if err != nil {
				fmt.Fprintf(os.Stderr, "%s: %s: %v\n", product.name, scenario.name, err)
				os.Exit(1)
			}
			fmt.Printf("  %s: %d of %d, %.1f s\n", product.name, seen.violations, seen.trials,
				time.Since(began).Seconds())
			row += fmt.Sprintf(" %18s |", fmt.Sprintf("%d of %d", seen.violations, seen.trials))
			if i == 1 {
				ours += seen.violations
			}
		}
		table += row + "\n"
	}
	fmt.Print("\n", table, "\n")
	fmt.Printf("bench coherence: 6 scenarios, %d violations of distcache, %.0f s\n", ours,
		time.Since(started).Seconds())
	if ours > 0 {
		os.Exit(1)
	}
}
