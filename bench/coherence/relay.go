package main

import (
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// relay stands before a member's port at an address of its own, and hands on what comes, each piece
// after a random time of its own, in both directions. Pieces of one connection keep their order.
type relay struct {
	listener net.Listener
	delay    time.Duration // each piece waits for 0 to this; 0 = not at all
	mutex    sync.Mutex    // guards what follows
	target   string
	ends     []net.Conn
	closed   bool
	running  sync.WaitGroup
}

func newRelay(address string, delay time.Duration) (*relay, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	return &relay{listener: listener, delay: delay}, nil
}

func (r *relay) address() string { return r.listener.Addr().String() }
func (r *relay) port() int       { return r.listener.Addr().(*net.TCPAddr).Port }

// forward begins to hand on.
func (r *relay) forward(target string) {
	r.target = target
	r.running.Add(1)
	go func() {
		defer r.running.Done()
		for {
			from, err := r.listener.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("tcp", r.target)
			if err != nil {
				from.Close()
				continue
			}
			r.connect(from, to)
		}
	}()
}

func (r *relay) connect(from, to net.Conn) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.closed {
		from.Close()
		to.Close()
		return
	}
	r.ends = append(r.ends, from, to)
	r.running.Add(2)
	go r.pump(from, to)
	go r.pump(to, from)
}

func (r *relay) pump(from, to net.Conn) {
	defer r.running.Done()
	defer to.Close()
	piece := make([]byte, 64<<10)
	for {
		size, err := from.Read(piece)
		if size > 0 {
			if r.delay > 0 {
				time.Sleep(rand.N(r.delay))
			}
			if _, err := to.Write(piece[:size]); err != nil {
				from.Close()
				return
			}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				from.Close()
			}
			return
		}
	}
}

func (r *relay) close() {
	r.listener.Close()
	r.mutex.Lock()
	r.closed = true
	for _, end := range r.ends {
		end.Close()
	}
	r.mutex.Unlock()
	r.running.Wait()
}
