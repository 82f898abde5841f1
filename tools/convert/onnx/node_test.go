package onnx

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"likeness/tools/convert/nd"
)

// The ONNX project's own tests of single operators, as Debian packages them:
// in each folder a model, and inputs and outputs that belong together.
// testdata/node_skip.txt names the cases of supported operators that are not
// run or must fail, each with its reason. A case whose operators are not all
// supported is none of ours; the list of operators is in the log.
func TestNodes(t *testing.T) {
	dir := os.Getenv("LIKENESS_ONNX_NODE_TESTS")
	if dir == "" {
		dir = "/usr/share/libonnx-testdata/data/node"
	}
	cases, err := filepath.Glob(filepath.Join(dir, "*", "model.onnx"))
	if err != nil || len(cases) == 0 {
		t.Skipf("no ONNX node tests in %s: apt install libonnx-testdata, or set LIKENESS_ONNX_NODE_TESTS", dir)
	}
	skip := skipList(t)
	passed, skipped := 0, 0
	ops := map[string]bool{}
	for _, path := range cases {
		name := filepath.Base(filepath.Dir(path))
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		names, err := operatorsOf(data)
		if err != nil || !supported(names) {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		for _, op := range names {
			ops[op] = true
		}
		err = runCase(data, filepath.Dir(path))
		reason, listed := skip[name]
		delete(skip, name)
		switch {
		case err == nil && listed:
			t.Errorf("%s passes, but is listed as skipped: %s", name, reason)
		case err == nil:
			passed++
		case listed:
			skipped++
		default:
			t.Errorf("%s: %v", name, err)
		}
	}
	for name := range skip {
		t.Errorf("testdata/node_skip.txt names %s, which is no case of a supported operator", name)
	}
	t.Logf("%d passed, %d skipped, %d total of the supported operators (%d of them); %d cases in the folder",
		passed, skipped, passed+skipped, len(ops), len(cases))
}

// skipList reads testdata/node_skip.txt: name, spaces, reason.
func skipList(t *testing.T) map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "node_skip.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	list := map[string]string{}
	for s := bufio.NewScanner(f); s.Scan(); {
		line := strings.TrimSpace(s.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		name, reason, _ := strings.Cut(line, " ")
		if strings.TrimSpace(reason) == "" {
			t.Errorf("testdata/node_skip.txt gives no reason for %s", name)
		}
		list[name] = reason
	}
	return list
}

// operatorsOf lists the operators of a model, with their domains, without
// reading anything else of it: a case whose values are strings counts too.
func operatorsOf(data []byte) ([]string, error) {
	var names []string
	err := message(data, func(f field) error {
		if f.id != 7 {
			return nil
		}
		return message(f.bytes, func(f field) error {
			if f.id != 1 {
				return nil
			}
			var op, domain string
			err := message(f.bytes, func(f field) error {
				switch f.id {
				case 4:
					return f.text(&op)
				case 7:
					return f.text(&domain)
				}
				return nil
			})
			if !ownDomain(domain) {
				op = domain + "." + op
			}
			names = append(names, op)
			return err
		})
	})
	return names, err
}

func supported(names []string) bool {
	for _, op := range names {
		if !slices.ContainsFunc(nd.Operators(), func(line string) bool {
			return line == op || strings.HasPrefix(line, op+":") || strings.HasPrefix(line, op+" ") || strings.HasPrefix(line, op+";")
		}) {
			return false
		}
	}
	return true
}

// runCase runs all data sets of a case. The suite declares some operators at
// the operator set that defined them, which may be older than those we read:
// they still mean the same.
func runCase(data []byte, dir string) error {
	g, _, err := decode(data, "", 1)
	if err != nil {
		return err
	}
	if err := nd.Check(g); err != nil {
		return err
	}
	sets, err := filepath.Glob(filepath.Join(dir, "test_data_set_*"))
	if err != nil || len(sets) == 0 {
		return fmt.Errorf("no data: %v", err)
	}
	for _, set := range sets {
		in := map[string]*nd.Tensor{}
		shapes := map[string][]int{}
		for i, v := range g.Inputs {
			if in[v.Name], err = readTensor(filepath.Join(set, fmt.Sprintf("input_%d.pb", i))); err != nil {
				return err
			}
			bfloat(in[v.Name], v.Type)
			shapes[v.Name] = in[v.Name].Shape
		}
		out, err := nd.Run(g, in)
		if err != nil {
			return err
		}
		for i, v := range g.Outputs {
			want, err := readTensor(filepath.Join(set, fmt.Sprintf("output_%d.pb", i)))
			if err != nil {
				return err
			}
			bfloat(want, v.Type)
			if err := sameTensor(out[v.Name], want, 1e-3, 1e-7); err != nil {
				return fmt.Errorf("output %q: %w", v.Name, err)
			}
		}
		if err := inferAgrees(g, in, shapes, out); err != nil {
			return err
		}
	}
	return nil
}

// inferAgrees holds the shape inference against what came out. Inputs that
// decide shapes become constants first, as they are in a network.
func inferAgrees(g *nd.Graph, in map[string]*nd.Tensor, shapes map[string][]int, out map[string]*nd.Tensor) error {
	infos, err := nd.Infer(g, shapes)
	if err != nil {
		fixed := *g
		fixed.Const, fixed.Inputs = map[string]*nd.Tensor{}, nil
		for name, t := range g.Const {
			fixed.Const[name] = t
		}
		for i, v := range g.Inputs {
			if i == 0 && len(g.Inputs) > 1 {
				fixed.Inputs = append(fixed.Inputs, v)
			} else {
				fixed.Const[v.Name] = in[v.Name]
			}
		}
		if infos, err = nd.Infer(&fixed, shapes); err != nil {
			for _, v := range fixed.Inputs {
				fixed.Const[v.Name] = in[v.Name]
			}
			fixed.Inputs = nil
			if infos, err = nd.Infer(&fixed, nil); err != nil {
				return fmt.Errorf("infer: %w", err)
			}
		}
	}
	for _, v := range g.Outputs {
		i := infos[v.Name]
		if i == nil || i.Type != out[v.Name].Type || !slices.Equal(i.Shape, out[v.Name].Shape) {
			return fmt.Errorf("output %q was inferred as %+v, it is %s %v", v.Name, i, out[v.Name].Type, out[v.Name].Shape)
		}
	}
	return nil
}

func readTensor(path string) (*nd.Tensor, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	_, t, err := DecodeTensor(data)
	return t, err
}

// bfloat puts right what the suite's files call uint16: numpy, which wrote them,
// has no bfloat16.
func bfloat(t *nd.Tensor, declared nd.Type) {
	if declared == nd.BFloat16 && t.Type == nd.Uint16 {
		for _, v := range t.I {
			t.F = append(t.F, nd.BFloat(uint16(v)))
		}
		t.Type, t.I = nd.BFloat16, nil
	}
}

// sameTensor compares as ONNX's own runner does: floats within atol + rtol *
// |want|, all else exactly.
func sameTensor(got, want *nd.Tensor, rtol, atol float64) error {
	if got.Type != want.Type || !slices.Equal(got.Shape, want.Shape) {
		return fmt.Errorf("is %s %v, want %s %v", got.Type, got.Shape, want.Type, want.Shape)
	}
	for i, w := range want.F {
		a, b := float64(got.F[i]), float64(w)
		if a == b || a != a && b != b {
			continue
		}
		if !(math.Abs(a-b) <= atol+rtol*math.Abs(b)) {
			return fmt.Errorf("is %v at %d of %v, want %v", a, i, want.Shape, b)
		}
	}
	for i, w := range want.I {
		if got.I[i] != w {
			return fmt.Errorf("is %d at %d of %v, want %d", got.I[i], i, want.Shape, w)
		}
	}
	return nil
}
