package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

// Options are what a run is told.
type Options struct {
	List, Model, Layer, Output string
	Shards                     int
}

// Chunk is some lines of the list, with the number of the first: what a worker
// takes at a time, and what is done again where a worker is lost.
type Chunk struct {
	First int
	Names []string
}

// Row is a picture that was read. Vector holds its float32 values' bits: Beam's
// coder of float32 is not one that every runner keeps to the bit.
type Row struct {
	Number int
	Name   string
	Vector []uint32
}

// Failure is a picture that could not be read.
type Failure struct {
	Number int
	Name   string
	Error  string
}

// chunkSize is how many pictures a chunk has: some seconds of work.
const chunkSize = 64

func init() {
	register.DoFn3x1[context.Context, string, func(Chunk), error](&chunkFn{})
	register.Emitter1[Chunk]()
	register.DoFn4x1[context.Context, Chunk, func(Row), func(Failure), error](&embedFn{})
	register.Emitter1[Row]()
	register.Emitter1[Failure]()
	register.DoFn3x1[context.Context, int, func(*Row) bool, error](&parquetFn{})
	register.DoFn4x1[context.Context, []byte, func(*Row) bool, func(*Failure) bool, error](&indexFn{})
	register.Iter1[Row]()
	register.Iter1[Failure]()
	register.Function2x2(byShard)
	beam.RegisterType(beamType[Chunk]())
	beam.RegisterType(beamType[Row]())
	beam.RegisterType(beamType[Failure]())
}

// Build makes the pipeline: list, vectors, files of vectors, index.
func (o Options) Build(ctx context.Context, s beam.Scope) error {
	// Only their number goes into the pipeline's description.
	count := 0
	if err := eachName(ctx, o.List, func(string) { count++ }); err != nil {
		return err
	}
	if count == 0 {
		return fmt.Errorf("the list %s names no pictures", o.List)
	}
	if o.Shards < 1 {
		return fmt.Errorf("%d files of vectors: at least 1 is wanted", o.Shards)
	}
	o.Shards = min(o.Shards, count)
	chunks := beam.Reshuffle(s, beam.ParDo(s, &chunkFn{}, beam.Create(s, o.List)))
	rows, failures := beam.ParDo2(s, &embedFn{Model: o.Model, Layer: o.Layer}, chunks)
	shards := beam.GroupByKey(s, beam.ParDo(s, byShard, rows, beam.SideInput{Input: beam.Create(s, o.Shards<<32|count)}))
	beam.ParDo0(s, &parquetFn{Model: o.Model, Layer: o.Layer, Output: o.Output, Shards: o.Shards}, shards)
	beam.ParDo0(s, &indexFn{Model: o.Model, Layer: o.Layer, Output: o.Output}, beam.Impulse(s), beam.SideInput{Input: rows}, beam.SideInput{Input: failures})
	return nil
}

// byShard gives a row the number of its file: shard i of n has the lines from
// i*count/n on, as likeness embed --shard cuts them.
func byShard(row Row, measure int) (int, Row) {
	shards, count := measure>>32, measure&(1<<32-1)
	for i := row.Number * shards / count; ; i++ {
		if row.Number < count*(i+1)/shards {
			return i, row
		}
	}
}

// chunkFn reads the list and gives it out in chunks.
type chunkFn struct{}

// ProcessElement takes the address of the list.
func (*chunkFn) ProcessElement(ctx context.Context, file string, chunk func(Chunk)) error {
	var c Chunk
	err := eachName(ctx, file, func(name string) {
		if c.Names = append(c.Names, name); len(c.Names) == chunkSize {
			chunk(c)
			c = Chunk{First: c.First + chunkSize}
		}
	})
	if len(c.Names) > 0 {
		chunk(c)
	}
	return err
}

// eachName reads the names, a line each; empty lines are left out.
func eachName(ctx context.Context, file string, use func(string)) error {
	fs, err := filesystem.New(ctx, file)
	if err != nil {
		return err
	}
	defer fs.Close()
	r, err := fs.OpenRead(ctx, file)
	if err != nil {
		return fmt.Errorf("the list %s cannot be read: %w", file, err)
	}
	defer r.Close()
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if name := strings.TrimRight(lines.Text(), "\r"); name != "" {
			use(name)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("the list %s: %w", file, err)
	}
	return nil
}
