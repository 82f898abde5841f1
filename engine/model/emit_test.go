package model

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"likeness/engine/graph"
	"likeness/engine/picture"
)

// raw makes Marshal of GOEXPERIMENT=nojsonv2, which escapes U+FFFD where bytes
// are not UTF-8, the same as that of today.
var raw = strings.NewReplacer(`\\`, `\\`, `\ufffd`, "\ufffd")

// marshal is what encoding/json writes.
func marshal(value any) (string, error) {
	b, err := json.Marshal(value)
	return raw.Replace(string(b)), err
}

// emitted is what the emitter writes for a pointer to one of its structs.
func emitted(value any) ([]byte, error) {
	return emit(func(e *emitter) {
		switch v := value.(type) {
		case *graph.Graph:
			e.graph(v)
		case *graph.Tensor:
			e.tensor(*v)
		case *graph.Node:
			e.node(*v)
		case *picture.Preparation:
			e.preparation(*v)
		case *Head:
			e.head(v)
		case *entry:
			e.entry(*v)
		default:
			panic(fmt.Sprintf("%T", value))
		}
	})
}

// structs are those that the emitter writes, zero.
func structs() []any {
	return []any{&graph.Graph{}, &graph.Tensor{}, &graph.Node{}, &picture.Preparation{}, &Head{}, &entry{}}
}

// sameAsMarshal holds the emitter to encoding/json, its errors too.
func sameAsMarshal(t *testing.T, value any) {
	t.Helper()
	want, wrong := marshal(value)
	got, err := emitted(value)
	if (err != nil) != (wrong != nil) {
		t.Fatalf("%T %+v: error %v, encoding/json has %v", value, value, err, wrong)
	}
	if err == nil && string(got) != want {
		t.Errorf("emit.go writes\n%s\nencoding/json writes\n%s\nof a %T", got, want, value)
	}
}

// TestEveryFieldIsWritten fails when one of the structs has a field that emit.go
// does not write, or not as its tag says: each is held to encoding/json with all
// fields set, with one of them alone, and with one zero or empty.
func TestEveryFieldIsWritten(t *testing.T) {
	for i, zero := range structs() {
		sameAsMarshal(t, zero)
		full := structs()[i]
		n := 0
		fill(reflect.ValueOf(full).Elem(), &n)
		sameAsMarshal(t, full)
		for f := range reflect.TypeOf(zero).Elem().NumField() {
			alone, without := structs()[i], structs()[i]
			field := reflect.ValueOf(alone).Elem().Field(f)
			fill(field, &n)
			sameAsMarshal(t, alone)
			reflect.ValueOf(without).Elem().Set(reflect.ValueOf(full).Elem())
			field = reflect.ValueOf(without).Elem().Field(f)
			field.SetZero()
			sameAsMarshal(t, without)
			switch field.Kind() {
			case reflect.Slice:
				field.Set(reflect.MakeSlice(field.Type(), 0, 0))
			case reflect.Float32, reflect.Float64:
				field.SetFloat(math.Copysign(0, -1))
			case reflect.Array:
				last := field.Index(field.Len() - 1)
				if last.CanFloat() {
					last.SetFloat(math.Copysign(0, -1))
				} else if last.CanInt() {
					last.SetInt(math.MinInt64)
				} else {
					last.SetUint(math.MaxUint64)
				}
			}
			sameAsMarshal(t, without)
		}
	}
}

func TestHostileStrings(t *testing.T) {
	var all strings.Builder
	for b := range 256 {
		all.WriteByte(byte(b))
	}
	texts := []string{"", all.String(), "\x00\x1f\x7f\b\f\n\r\t\v", `"\/`, `\u0041\"`, "<script>&amp;</script>", "\u2027\u2028\u2029\u202a",
		"\ufffd", "\xef\xbf", "a\xffb\xfe", "\xed\xa0\x80", "\xed\xb0\x80", "\xf4\x90\x80\x80", "\xc0\x80", "\xe2\x80", "\xe2\x80\xa8\xe2", "\U0010ffff\U0001F436é\u0080", "\ufeff"}
	for _, text := range texts {
		for _, s := range []string{text, text + text, "a" + text + "z"} {
			sameAsMarshal(t, &graph.Graph{Name: s, Labels: []string{s, "", s}})
			sameAsMarshal(t, &Head{Kind: s, Labels: []string{s}})
			sameHeader(t, map[string]entry{s: {}, s + ".scale": {Dtype: s}}, map[string]string{s: s, s + "b": "", "B" + s: s})
		}
	}
}

// sameHeader holds the header's order of keys to encoding/json.
func sameHeader(t *testing.T, entries map[string]entry, meta map[string]string) {
	t.Helper()
	all := map[string]any{"__metadata__": meta}
	for name, e := range entries {
		all[name] = e
	}
	want, err := marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := emit(func(e *emitter) { e.header(entries, meta) }); err != nil || string(got) != want {
		t.Errorf("emit.go writes\n%s\nencoding/json writes\n%s\nerror %v", got, want, err)
	}
}

func TestHostileFloats(t *testing.T) {
	values := []float64{0, math.Copysign(0, -1), 1, 100, 1e-5, 1e-6, 1e-7, 1.5e-9, 1e-10, 1e-100, 1e20, 1e21, 1e22, 1e100, 123456789, 1 << 53, 1<<53 + 2, 0.1, 1.0 / 3,
		math.SmallestNonzeroFloat64, math.MaxFloat64, math.SmallestNonzeroFloat32, math.MaxFloat32, 0x1p-1022, 0x1p-126, 2.2250738585072011e-308, 5e-324, 16777216, 1e9, 1e-09,
		math.Pi, 299792458, 0.3, 2.5e-8, math.Inf(1), math.NaN()}
	for _, v := range values {
		for _, near := range []float64{v, -v, math.Nextafter(v, 0), math.Nextafter(v, math.Inf(1))} {
			sameNumber(t, near)
		}
		f := float32(v)
		for _, near := range []float32{f, -f, math.Nextafter32(f, 0), math.Nextafter32(f, float32(math.Inf(1)))} {
			sameAsMarshal(t, &graph.Tensor{Scale: near})
		}
	}
}

func sameNumber(t *testing.T, v float64) {
	t.Helper()
	sameAsMarshal(t, &graph.Node{Alpha: v, Beta: -v, Epsilon: v, Shift: v, Zoom: [2]float64{0, v}})
	sameAsMarshal(t, &picture.Preparation{Mean: [3]float64{v, 0, -v}, Std: [3]float64{0, v, 1}})
	sameAsMarshal(t, &Head{Threshold: v})
}

// FuzzEmitter wants of any values what encoding/json writes.
func FuzzEmitter(f *testing.F) {
	for i, text := range []string{"", "a<\"\\\u2028\xff\x01", "\xed\xa0\x80\ufffd", "input"} {
		f.Add(text, "x"+text, math.Pow(10, float64(7*i-7)), math.Float32bits(float32(math.Pow(10, float64(7*i-7)))), int64(-i), byte(85*i))
	}
	f.Add("", "", math.Inf(-1), uint32(0x7fc00000), int64(math.MinInt64), byte(255))
	f.Fuzz(func(t *testing.T, a, b string, number float64, bits uint32, whole int64, how byte) {
		lists := [][]string{nil, {}, {a}, {b, a, ""}}
		ints := [][]int{nil, {}, {int(whole)}, {0, int(whole), -1}}
		tensor := graph.Tensor{Name: a, Shape: [3]int{0, int(whole), 1}, Scale: math.Float32frombits(bits), Lo: int16(whole), Hi: int16(how), Also: lists[how&3], Joined: lists[how>>2&3]}
		node := graph.Node{Op: b, Name: a, Inputs: ints[how&3], Output: int(whole), Kernel: [2]int{int(how & 1), int(how & 2)}, Pads: [4]int{3: int(whole)}, Groups: int(how & 4),
			CountPad: how&8 != 0, Fn: a, Alpha: number, Channels: ints[how>>2&3], Shift: -number, Zoom: [2]float64{number, float64(how & 1)}, Order: b, Weights: a + b}
		p := picture.Preparation{Width: int(whole), Resize: a, Side: int(how & 16), Order: b, Mean: [3]float64{number, -number, 1 / number}, Std: [3]float64{float64(whole), number * number, float64(how)}}
		head := Head{Kind: a, Layer: b, Threshold: number, K: int(how & 32), Labels: lists[how>>4&3]}
		e := entry{Dtype: a, Shape: [][]int64{nil, {}, {whole}, {1, whole}}[how>>6], Offsets: [2]uint64{uint64(whole), uint64(how)}}
		for _, v := range []any{&tensor, &node, &p, &head, &e} {
			sameAsMarshal(t, v)
		}
		sameAsMarshal(t, &graph.Graph{Name: a, Tensors: []graph.Tensor{{Name: b}, tensor}, Nodes: []graph.Node{node, {}}, Prepare: p, DefaultLayer: b, Output: a, Labels: lists[how>>6]})
		sameHeader(t, map[string]entry{a: e, b: {}, a + b: e}, map[string]string{b: a, a: b, b + a: a})
	})
}
