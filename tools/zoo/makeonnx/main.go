// Command makeonnx writes networks of the zoo as files: NAME.onnx, with
// -precision int8 NAME.qdq.onnx, with -format tfjs the folder NAME.tfjs, with -format
// tflite NAME.tflite. Names
// with "_features" end at the features.
//
//	go run ./tools/zoo/makeonnx -o DIR vgg16 vgg16_features resnet50
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"likeness/tools/convert/onnx"
	"likeness/tools/zoo"
)

func main() {
	dir := flag.String("o", ".", "`folder` to write into")
	precision := flag.String("precision", "float", "float, int8 (quantised ONNX), or both")
	format := flag.String("format", "onnx", "onnx, tfjs, both, or tflite with metadata, of networks that are a chain")
	var opt zoo.Options
	flag.IntVar(&opt.Opset, "opset", 13, "of the ONNX file, 13 to 17")
	flag.Uint64Var(&opt.Seed, "seed", 1, "of the weights")
	flag.BoolVar(&opt.KeepBatchNorm, "batchnorm", false, "keep batch normalisation as nodes")
	flag.Usage = func() {
		fmt.Fprintf(os.Stderr, "usage: makeonnx [flags] NAME...\nnetworks: %s; NAME_features ends at the features\n", strings.Join(zoo.Names(), ", "))
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := os.MkdirAll(*dir, 0o755); err != nil {
		fail(err)
	}
	for _, name := range flag.Args() {
		if err := write(name, *dir, *precision, *format, opt); err != nil {
			fail(fmt.Errorf("%s: %w", name, err))
		}
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "makeonnx:", err)
	os.Exit(1)
}

func write(name, dir, precision, format string, opt zoo.Options) error {
	arch, features := strings.CutSuffix(name, "_features")
	opt.NoTop = features
	n, err := zoo.Build(arch, opt)
	if err != nil {
		return err
	}
	base := filepath.Join(dir, name)
	if format == "tflite" {
		data, err := n.TFLite(labels(1001))
		if err != nil {
			return err
		}
		fmt.Println(name)
		return os.WriteFile(base+".tflite", data, 0o644)
	}
	if format != "tfjs" {
		if precision != "int8" {
			if err := onnx.Write(base+".onnx", n.Graph); err != nil {
				return err
			}
		}
		if precision != "float" {
			q, err := n.QDQ(opt.Seed)
			if err != nil {
				return err
			}
			if err := onnx.Write(base+".qdq.onnx", q); err != nil {
				return err
			}
		}
	}
	if format != "onnx" {
		if err := n.WriteTFJS(base + ".tfjs"); err != nil {
			return err
		}
	}
	fmt.Println(name)
	return nil
}

// labels are names of classes that mean nothing.
func labels(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf("thing %d", i))
	}
	return all
}
