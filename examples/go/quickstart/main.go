// One node, one keyspace, one source: the first get loads, the second one hits.
package main

import (
	"context"
	"fmt"
	"log"
	"time"

	distcache "github.com/distcache/distcache/bindings/go"
)

// greet stands for a query to a database.
func greet(ctx context.Context, name string) ([]byte, error) {
	return []byte("Hello, " + name + "!"), nil
}

func main() {
	ctx := context.Background()
	greetings := distcache.NewKeySpace("greetings", 1<<20, distcache.DataSourceFunc(greet),
		distcache.KeySpaceTTL(5*time.Minute))
	engine, err := distcache.NewEngine(distcache.NewStandaloneConfig([]distcache.KeySpace{greetings},
		distcache.WithBindPort(0), distcache.WithDiscoveryPort(0))) // any free ones
	if err != nil {
		log.Fatal(err) // names every fault of the configuration
	}
	if err := engine.Start(ctx); err != nil {
		log.Fatal(err)
	}
	defer engine.Stop(ctx)

	for range 2 {
		start := time.Now()
		kv, err := engine.Get(ctx, "greetings", "world")
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s in %v\n", kv.Value, time.Since(start))
	}
}
