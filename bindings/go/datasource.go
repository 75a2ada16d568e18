package distcache

import (
	"context"
	"errors"
	"time"
)

// DataSource is the user's function that fetches what is missing, a query to a database for
// example.
//
// Each Fetch runs on a goroutine of its own, several at once for different keys (loads.max). `ctx`
// ends when nobody waits for the value any more: its deadline passed, or the engine closes. It
// carries what [FetchInfoOf] tells and is to be passed to calls of engines, which then know on
// whose behalf they are made: a load that would wait for itself, also through other members, fails
// with WouldDeadlock instead of hanging.
//
// The value is copied. nil is an empty value. An error that wraps [ErrNotFound] says that the key
// does not exist; any other one fails the readers with SourceFailed and its text, retriable unless
// it is marked by [Permanent]. A panic is such a failure, not retriable, and harms nobody else. A
// source that never returns costs its readers their deadline, and a place of loads.max until
// fetch.timeout.ms has passed.
type DataSource interface {
	Fetch(ctx context.Context, key string) ([]byte, error)
}

// DataSourceFunc is a function as a [DataSource].
type DataSourceFunc func(ctx context.Context, key string) ([]byte, error)

// Fetch calls the function.
func (f DataSourceFunc) Fetch(ctx context.Context, key string) ([]byte, error) {
	return f(ctx, key)
}

// Value is what a source may say about what it fetched.
type Value struct {
	// Data is copied; nil is an empty value.
	Data []byte
	// TTL is how long the value lives. 0: what the keyspace says. NoExpiry: it does not expire.
	TTL time.Duration
	// NoStore hands the value to its readers and keeps it nowhere.
	NoStore bool
	// Tags are names for invalidation, at most 16 of 1 to 256 bytes.
	Tags []string
	// SourceVersion is the source's own number for this state of the value (a row version), which
	// FetchInfo.SourceVersion tells the next load. 0: none.
	SourceVersion uint64
}

// NoExpiry is a ttl without end.
const NoExpiry time.Duration = -1

// ValueSource is a [DataSource] that says more about its values. FetchValue is called in place of
// Fetch, by the same rules.
type ValueSource interface {
	DataSource
	FetchValue(ctx context.Context, key string) (Value, error)
}

// ValueSourceFunc is a function as a [ValueSource].
type ValueSourceFunc func(ctx context.Context, key string) (Value, error)

// FetchValue calls the function.
func (f ValueSourceFunc) FetchValue(ctx context.Context, key string) (Value, error) {
	return f(ctx, key)
}

// Fetch is the data of FetchValue.
func (f ValueSourceFunc) Fetch(ctx context.Context, key string) ([]byte, error) {
	value, err := f(ctx, key)
	return value.Data, err
}

// BulkSource is a [DataSource] that can load many keys at once; loads that begin together come to
// FetchMany, by the rules of Fetch. It answers each key by its index as soon as it knows, from any
// goroutine, until it returns. What it leaves unanswered fails with the error that it returns.
type BulkSource interface {
	DataSource
	FetchMany(ctx context.Context, keys []string, answer func(index int, value Value, err error)) error
}

// ErrNotModified as the error of a source says that the value held is still the right one: its ttl
// starts anew. Where none is held any more the readers get SourceFailed, retriable.
var ErrNotModified = errors.New("distcache: the value is not modified")

// Permanent marks an error of a source as not retriable.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanent{err}
}

type permanent struct{ error }

func (p *permanent) Unwrap() error { return p.error }

// retriable is what the readers of a failed load are told.
func retriable(err error) bool {
	var marked *permanent
	var own *Error
	switch {
	case errors.As(err, &marked):
		return false
	case errors.As(err, &own): // a call of an engine, made by the source
		return own.Retriable
	}
	return true
}
