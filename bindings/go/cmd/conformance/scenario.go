package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// The file, as docs/conformance.md describes it. Members that are not listed here are refused.

type scenarios struct {
	Scenarios []scenario `json:"scenarios"`
}

type scenario struct {
	Name      string                       `json:"name"`
	About     string                       `json:"about"`
	Engines   ordered[engineDescription]   `json:"engines"`
	KeySpaces ordered[keySpaceDescription] `json:"keyspaces"`
	Steps     []step                       `json:"steps"`
}

type engineDescription struct {
	Properties ordered[string] `json:"properties"`
	Sourceless []string        `json:"sourceless"`
}

type keySpaceDescription struct {
	Properties ordered[string] `json:"properties"`
	Source     *[]rule         `json:"source"`
}

type rule struct {
	Key            *byteString `json:"key"`
	Times          *int        `json:"times"`
	Hold           bool        `json:"hold"`
	UntilCancelled bool        `json:"until_cancelled"`
	Async          bool        `json:"async"` // all sources are, in Go
	Answer         string      `json:"answer"`
	Value          *byteString `json:"value"`
	TTLMS          int64       `json:"ttl_ms"`
	NoStore        bool        `json:"no_store"`
	Tags           []string    `json:"tags"`
	SourceVersion  uint64      `json:"source_version"`
	Message        *string     `json:"message"`
	Retriable      *bool       `json:"retriable"`
	Get            *byteString `json:"get"`
	KeySpace       string      `json:"keyspace"`
}

type step struct {
	Op         string                       `json:"op"`
	Engine     string                       `json:"engine"`
	KeySpace   string                       `json:"keyspace"`
	Key        *byteString                  `json:"key"`
	Keys       []byteString                 `json:"keys"`
	Value      byteString                   `json:"value"`
	Values     []byteString                 `json:"values"`
	TimeoutMS  int64                        `json:"timeout_ms"`
	TTLMS      int64                        `json:"ttl_ms"`
	TTLsMS     []int64                      `json:"ttls_ms"`
	NoStale    bool                         `json:"no_stale"`
	Async      bool                         `json:"async"` // calls that block are the only form in Go
	Call       string                       `json:"call"`
	Loader     *rule                        `json:"loader"`
	Expected   string                       `json:"expected"`
	Keep       string                       `json:"keep"`
	Show       []string                     `json:"show"`
	Says       []string                     `json:"says"`
	Name       string                       `json:"name"`
	Properties ordered[string]              `json:"properties"`
	KeySpaces  ordered[keySpaceDescription] `json:"keyspaces"`
	Source     *[]rule                      `json:"source"`
}

func readFile(name string, into any) error {
	content, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return strictly(content, into)
}

func strictly(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// ordered is an object whose members stay in the order of the file.
type ordered[T any] struct {
	names  []string
	values map[string]T
}

func (o *ordered[T]) UnmarshalJSON(text []byte) error {
	o.values = make(map[string]T)
	decoder := json.NewDecoder(bytes.NewReader(text))
	if begin, err := decoder.Token(); err != nil || begin != json.Delim('{') {
		return errors.New("an object is expected")
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return err
		}
		var raw json.RawMessage
		if err := decoder.Decode(&raw); err != nil {
			return err
		}
		var value T
		if err := strictly(raw, &value); err != nil {
			return fmt.Errorf("%v: %w", name, err)
		}
		o.names = append(o.names, name.(string))
		o.values[name.(string)] = value
	}
	return nil
}

// byteString is a key or a value in any of its notations.
type byteString string

func (b *byteString) UnmarshalJSON(text []byte) error {
	var plain string
	if json.Unmarshal(text, &plain) == nil {
		*b = byteString(plain)
		return nil
	}
	var notation struct {
		Hex    *string `json:"hex"`
		Repeat *string `json:"repeat"`
		Times  int     `json:"times"`
		Ramp   *int    `json:"ramp"`
	}
	if err := strictly(text, &notation); err != nil {
		return err
	}
	switch {
	case notation.Hex != nil:
		made, err := hex.DecodeString(*notation.Hex)
		*b = byteString(made)
		return err
	case notation.Repeat != nil:
		unit, err := hex.DecodeString(*notation.Repeat)
		*b = byteString(bytes.Repeat(unit, notation.Times))
		return err
	case notation.Ramp != nil:
		made := make([]byte, *notation.Ramp)
		for i := range made {
			made[i] = byte(i)
		}
		*b = byteString(made)
		return nil
	}
	return fmt.Errorf("no bytes: %s", text)
}
