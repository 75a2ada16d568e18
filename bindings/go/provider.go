package distcache

// #include <stdlib.h>
// #include "shim.h"
import "C"

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/distcache/distcache/bindings/go/discovery"
)

// providers keeps those of programs until the library says that it asks them no more.
var providers table[discovery.Provider]

// setProvider makes a provider of the program's own that of the engines opened with the
// configuration.
func setProvider(config *C.distcache_config_t, provider discovery.Provider) error {
	setProperty(config, property{"discovery.provider", "custom"})
	id := cText(provider.ID())
	defer C.free(unsafe.Pointer(id))
	var detail *C.distcache_error_t
	context := C.uintptr_t(providers.add(provider))
	return failedWith(C.dcgo_discovery(config, context, id, &detail), detail)
}

//export dcgoProviderDropped
func dcgoProviderDropped(context C.uintptr_t) { providers.take(uintptr(context)) }

// dcgoDiscovery is one call of the library, on its DISCOVERY thread.
//
//export dcgoDiscovery
func dcgoDiscovery(context, reply C.uintptr_t, step C.int32_t, address *C.char) C.int32_t {
	provider, ok := providers.get(uintptr(context))
	if !ok {
		return C.DISTCACHE_CLOSED
	}
	target := (*C.distcache_discovery_reply_t)(pointer(uintptr(reply)))
	err := ask(provider, step, target, address)
	switch {
	case err == nil, errors.Is(err, discovery.ErrAlreadyInitialized),
		errors.Is(err, discovery.ErrAlreadyRegistered):
		return C.DISTCACHE_OK
	case target != nil:
		text := cText(err.Error())
		defer C.free(unsafe.Pointer(text))
		C.distcache_discovery_reply_message(target, text)
	}
	if errors.Is(err, InvalidConfig) {
		return C.DISTCACHE_INVALID_CONFIG
	}
	return C.DISTCACHE_PEER_UNREACHABLE
}

func ask(provider discovery.Provider, step C.int32_t, reply *C.distcache_discovery_reply_t,
	address *C.char) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("the provider panicked: %v", panicked)
		}
	}()
	switch step {
	case C.DCGO_INITIALIZE:
		return provider.Initialize()
	case C.DCGO_REGISTER:
		if aware, ok := provider.(discovery.AddressAware); ok {
			aware.SetAddress(C.GoString(address))
		}
		return provider.Register()
	case C.DCGO_DISCOVER:
		return tell(provider, reply)
	case C.DCGO_DEREGISTER:
		return provider.Deregister()
	}
	return provider.Close()
}

// tell hands over the addresses that the provider knows. One that is malformed is left out, unless
// it is the only one.
func tell(provider discovery.Provider, reply *C.distcache_discovery_reply_t) error {
	peers, err := provider.DiscoverPeers()
	if err != nil {
		return err
	}
	told := 0
	for _, peer := range peers {
		text := cText(peer)
		if C.distcache_discovery_reply_add(reply, text) == C.DISTCACHE_OK {
			told++
		} else {
			err = fmt.Errorf("%q is no address, as host:port", peer)
		}
		C.free(unsafe.Pointer(text))
	}
	if told > 0 {
		return nil
	}
	return err
}
