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
	register.DoFn4x0[context.Context, Chunk, func(Row), func(Failure)](&embedFn{})
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
	names, err := readList(ctx, o.List)
	if err != nil {
		return err
	}
	if o.Shards < 1 {
		return fmt.Errorf("%d files of vectors: at least 1 is wanted", o.Shards)
	}
	o.Shards = min(o.Shards, len(names))
	chunks := beam.Reshuffle(s, beam.CreateList(s, chunksOf(names)))
	rows, failures := beam.ParDo2(s, &embedFn{Model: o.Model, Layer: o.Layer}, chunks)
	shards := beam.GroupByKey(s, beam.ParDo(s, byShard, rows, beam.SideInput{Input: beam.Create(s, o.Shards<<32|len(names))}))
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

func chunksOf(names []string) (chunks []Chunk) {
	for from := 0; from < len(names); from += chunkSize {
		chunks = append(chunks, Chunk{from, names[from:min(from+chunkSize, len(names))]})
	}
	return chunks
}

// readList reads the names, a line each; empty lines are left out.
func readList(ctx context.Context, file string) (names []string, err error) {
	fs, err := filesystem.New(ctx, file)
	if err != nil {
		return nil, err
	}
	defer fs.Close()
	r, err := fs.OpenRead(ctx, file)
	if err != nil {
		return nil, fmt.Errorf("the list %s cannot be read: %w", file, err)
	}
	defer r.Close()
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if name := strings.TrimRight(lines.Text(), "\r"); name != "" {
			names = append(names, name)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("the list %s: %w", file, err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("the list %s names no pictures", file)
	}
	return names, nil
}
