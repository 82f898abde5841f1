package heif

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"likeness/engine/picture/look"
)

// program is one of the embedded decoders, compiled at its first use.
type program struct {
	packed  []byte
	once    sync.Once
	runtime wazero.Runtime
	module  wazero.CompiledModule
	err     error
}

func (p *program) compile() error {
	p.once.Do(func() {
		ctx := context.Background()
		r, err := gzip.NewReader(bytes.NewReader(p.packed))
		if err != nil {
			p.err = err
			return
		}
		code, err := io.ReadAll(r)
		if err != nil {
			p.err = err
			return
		}
		p.runtime = wazero.NewRuntime(ctx)
		if _, p.err = wasi_snapshot_preview1.Instantiate(ctx, p.runtime); p.err == nil {
			p.module, p.err = p.runtime.CompileModule(ctx, code)
		}
	})
	return p.err
}

// instance is a decoder with a memory of its own, for one picture.
type instance struct {
	ctx    context.Context
	module api.Module
}

// start makes an instance with the memory that a picture may take.
func (p *program) start(f look.Facts, fileSize int) (*instance, error) {
	if err := p.compile(); err != nil {
		return nil, err
	}
	ctx := experimental.WithMemoryAllocator(context.Background(), limited(Memory(f)+int64(fileSize)))
	// Without a name any number of instances may be there at a time; what the
	// libraries print is dropped.
	m, err := p.runtime.InstantiateModule(ctx, p.module, wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize"))
	if err != nil {
		return nil, err
	}
	return &instance{ctx, m}, nil
}

func (i *instance) close() {
	i.module.Close(i.ctx)
}

// call runs an exported function of one result.
func (i *instance) call(name string, args ...uint64) (uint32, error) {
	res, err := i.module.ExportedFunction(name).Call(i.ctx, args...)
	if err != nil {
		return 0, err
	}
	return uint32(res[0]), nil
}

// alloc takes n bytes of the decoder's memory.
func (i *instance) alloc(n uint64) (uint32, error) {
	if n >= 1<<31 {
		return 0, fmt.Errorf("%d bytes are more than the decoder can hold", n)
	}
	at, err := i.call("malloc", n)
	if err == nil && at == 0 {
		err = fmt.Errorf("the decoder has no %d bytes of memory", n)
	}
	return at, err
}

// put copies bytes into the decoder's memory.
func (i *instance) put(b []byte) (uint32, error) {
	at, err := i.alloc(uint64(len(b)))
	if err == nil && !i.module.Memory().Write(at, b) {
		err = fmt.Errorf("write of %d bytes", len(b))
	}
	return at, err
}

// view returns bytes of the decoder's memory; they are valid until the next
// call.
func (i *instance) view(at uint32, n int) ([]byte, error) {
	b, ok := i.module.Memory().Read(at, uint32(n))
	if !ok || uint64(n) >= 1<<32 {
		return nil, fmt.Errorf("read of %d bytes", n)
	}
	return b, nil
}

// words reads n little-endian integers.
func (i *instance) words(at uint32, n int) ([]uint32, error) {
	w := make([]uint32, n)
	for k := range w {
		v, ok := i.module.Memory().ReadUint32Le(at + 4*uint32(k))
		if !ok {
			return nil, fmt.Errorf("read at %d", at)
		}
		w[k] = v
	}
	return w, nil
}

// limited allocates memories of at most that many bytes.
func limited(most int64) experimental.MemoryAllocator {
	return experimental.MemoryAllocatorFunc(func(capacity, _ uint64) experimental.LinearMemory {
		return &memory{b: make([]byte, 0, min(capacity, uint64(most))), most: uint64(most)}
	})
}

type memory struct {
	b    []byte
	most uint64
}

// Reallocate grows by half at least, so that many small steps copy little.
func (m *memory) Reallocate(size uint64) []byte {
	if size > m.most {
		return nil
	}
	if size > uint64(cap(m.b)) {
		b := make([]byte, len(m.b), min(max(size, uint64(cap(m.b))*3/2), m.most))
		copy(b, m.b)
		m.b = b
	}
	m.b = m.b[:size]
	return m.b
}

func (m *memory) Free() { m.b = nil }
