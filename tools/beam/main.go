// Command beam makes an index of pictures by a pipeline of Apache Beam: on this
// machine, or on Flink, Spark or Dataflow. It is a module of its own, so that
// nothing else carries Beam. README.md says how to run it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/gcs"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/s3"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/x/beamx"
)

func main() {
	var o Options
	flag.StringVar(&o.List, "list", "", "FILE with a picture a line, on any filesystem that Beam knows")
	flag.StringVar(&o.Model, "model", "", "MODEL file, on any filesystem that Beam knows")
	flag.StringVar(&o.Layer, "layer", "", "LAYER to take (default: the model's)")
	flag.StringVar(&o.Output, "output", "", "FOLDER for the index, vectors-*.parquet and failures.jsonl")
	flag.IntVar(&o.Shards, "shards", 16, "files of vectors")
	flag.Parse()
	beam.Init()
	ctx := context.Background()
	if err := run(ctx, o); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, o Options) error {
	if o.List == "" || o.Model == "" || o.Output == "" {
		return errors.New("--list, --model and --output are needed")
	}
	p, s := beam.NewPipelineWithRoot()
	if err := o.Build(ctx, s); err != nil {
		return err
	}
	if err := beamx.Run(ctx, p); err != nil {
		return fmt.Errorf("the pipeline failed: %w", err)
	}
	return nil
}
