package distcache_test

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	distcache "github.com/distcache/distcache/bindings/go"
	"github.com/distcache/distcache/bindings/go/internal/genproperties"
)

var update = flag.Bool("update", false, "write the typed options from the library's table")

// Every property has its typed option, with the type, default and text that the library has now.
func TestOptionsFollowTheTable(t *testing.T) {
	for _, scope := range []string{"engine", "keyspace"} {
		file := "properties_" + scope + ".go"
		want, err := genproperties.Source(distcache.PropertiesJSON(), scope)
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s is not what the library's table says: "+
				"go test -run TestOptionsFollowTheTable . -update writes it", file)
		}
	}
}

// The library takes every default of its table through the binding's own way.
func TestEveryPropertyIsReachable(t *testing.T) {
	var all struct {
		Properties []struct{ Name, Scope, Default string }
	}
	if err := json.Unmarshal([]byte(distcache.PropertiesJSON()), &all); err != nil {
		t.Fatal(err)
	}
	var engine []distcache.Option
	var keySpace []distcache.KeySpaceOption
	for _, p := range all.Properties {
		switch {
		case p.Default == "" || p.Name == "bytes.max":
		case p.Scope == "engine":
			engine = append(engine, distcache.WithProperty(p.Name, p.Default))
		default:
			keySpace = append(keySpace, distcache.KeySpaceProperty(p.Name, p.Default))
		}
	}
	if len(engine) < 20 || len(keySpace) < 20 {
		t.Fatalf("%d and %d properties with a default", len(engine), len(keySpace))
	}
	config := distcache.NewStandaloneConfig([]distcache.KeySpace{
		distcache.NewKeySpace("all", 1<<20, nil, keySpace...)}, engine...)
	if err := config.Validate(); err != nil {
		t.Fatal(err)
	}
}

// One error names every fault, of the engine and of its keyspaces.
func TestFaultsAreToldTogether(t *testing.T) {
	config := distcache.NewStandaloneConfig(nil, distcache.WithBindPort(99999),
		distcache.WithProperty("no.such.thing", "1"), distcache.WithReadTimeout(-1))
	_, err := distcache.NewEngine(config)
	if distcache.StatusOf(err) != distcache.InvalidConfig {
		t.Fatal(err)
	}
	for _, part := range []string{"bind.port", "no.such.thing", "read.timeout.ms"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in %q", part, err)
		}
	}
	config = distcache.NewStandaloneConfig([]distcache.KeySpace{
		distcache.NewKeySpace("users", 1, nil, distcache.KeySpaceMaxLoads(0))})
	if err = config.Validate(); distcache.StatusOf(err) != distcache.InvalidConfig ||
		!strings.Contains(err.Error(), "bytes.max") || !strings.Contains(err.Error(), "loads.max") {
		t.Fatal(err)
	}
}
