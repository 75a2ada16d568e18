package distcache

import "context"

// The operations of the original library: each finds its keyspace by name.

func (e *engine) Get(ctx context.Context, keyspace, key string) (*KV, error) {
	h, err := e.Handle(keyspace)
	if err != nil {
		return nil, err
	}
	value, err := h.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	return &KV{Key: key, Value: value}, nil
}

func (e *engine) GetMany(ctx context.Context, keyspace string, keys []string) ([]*KV, error) {
	h, err := e.Handle(keyspace)
	if err != nil {
		return nil, err
	}
	items, err := h.GetMany(ctx, keys)
	if err != nil {
		return nil, err
	}
	kvs := make([]*KV, len(items))
	for i := range items {
		if items[i].Err == nil {
			kvs[i] = &KV{Key: keys[i], Value: items[i].Value}
		}
	}
	return kvs, failures(items)
}

func (e *engine) Put(ctx context.Context, keyspace string, entry *Entry) error {
	if entry == nil {
		return failure(InvalidArgument, "the entry is nil")
	}
	h, err := e.Handle(keyspace)
	if err != nil {
		return err
	}
	return h.putEntry(ctx, entry)
}

func (e *engine) PutMany(ctx context.Context, keyspace string, entries []*Entry) error {
	h, err := e.Handle(keyspace)
	if err != nil {
		return err
	}
	all := make([]Entry, len(entries))
	for i, entry := range entries {
		if entry == nil {
			return failure(InvalidArgument, "entry %d is nil", i)
		}
		all[i] = *entry
	}
	items, err := h.PutMany(ctx, all)
	if err != nil {
		return err
	}
	return failures(items)
}

func (e *engine) Delete(ctx context.Context, keyspace, key string) error {
	h, err := e.Handle(keyspace)
	if err != nil {
		return err
	}
	return h.Delete(ctx, key)
}

func (e *engine) DeleteMany(ctx context.Context, keyspace string, keys []string) error {
	h, err := e.Handle(keyspace)
	if err != nil {
		return err
	}
	items, err := h.DeleteMany(ctx, keys)
	if err != nil {
		return err
	}
	return failures(items)
}
