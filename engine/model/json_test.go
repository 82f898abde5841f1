package model

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"likeness/engine/graph"
)

// fill sets every field of a value to something that is not zero, so that a
// field that is not read or written shows.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.String:
		v.SetString(fmt.Sprintf("text \"%d\" <é\u2028\x01\U0001F436>", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(*n) / 7)
	case reflect.Uint64:
		v.SetUint(uint64(*n))
	default:
		v.SetInt(int64(-*n))
	}
}

// TestEveryFieldOfAGraphIsRead fails when package graph or picture.Preparation
// has a field that graphjson.go does not read.
func TestEveryFieldOfAGraphIsRead(t *testing.T) {
	var want graph.Graph
	n := 0
	fill(reflect.ValueOf(&want).Elem(), &n)
	text, err := json.Marshal(&want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := parseGraph(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("graphjson.go reads\n%+v\nof\n%+v\nadd the field that is missing", got, want)
	}
	spaced, _ := json.MarshalIndent(&want, " \r", "\t")
	if got, err := parseGraph(string(spaced)); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("with spaces it reads %+v, error %v", got, err)
	}
}

func TestUnknownNamesAreSkipped(t *testing.T) {
	g, err := parseGraph(`{"new":[{"a":null,"b":[1e3,-0.5,true,false,"\u0041"]},{}],"name":"n","nodes":null,"Name":"other"}`)
	if err != nil || g.Name != "n" || g.Nodes != nil {
		t.Errorf("%+v, error %v", g, err)
	}
}

func TestWrongGraphs(t *testing.T) {
	for text, want := range map[string]string{
		``:                                   "byte 0: the end where {",
		`[]`:                                 "byte 0: '[' where {",
		`{"name":1}`:                         "a string",
		`{"name":"a"`:                        "a comma or }",
		`{"name":"a",}`:                      "a string",
		`{"name":"a"}x`:                      "the end",
		`{"name" "a"}`:                       "a colon",
		`{"name":"a\x"}`:                     "an escape",
		`{"name":"a`:                         "the end of a string",
		"{\"name\":\"a\n\"}":                 "a character",
		`{"tensors":[{"lo":40000}]}`:         "integer of 16 bits",
		`{"tensors":[{"lo":1.5}]}`:           "integer of 16 bits",
		`{"tensors":[{"scale":1e39}]}`:       "float of 32 bits",
		`{"tensors":[{"scale":.5}]}`:         "a digit",
		`{"tensors":[{"scale":01}]}`:         "a comma",
		`{"tensors":[{"shape":[1,2]}]}`:      "3 elements",
		`{"tensors":[{"shape":[1,2,3,4]}]}`:  "3 elements",
		`{"nodes":[{"count_pad":1}]}`:        "true or false",
		`{"new":nul}`:                        "a value",
		`{"new":` + strings.Repeat("[", 200): "less nesting",
	} {
		if _, err := parseGraph(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: error %v, want one that mentions %q", text, err, want)
		}
	}
}

// FuzzScanner wants the scanner to accept only what encoding/json accepts, and
// to read the same strings and numbers.
func FuzzScanner(f *testing.F) {
	for _, text := range []string{`"a\ud83d\udc36\ud83d \ud83dA\\\/"`, `-12.5e-3`, `[1,[],{"a":{}}]`, "\"\xff\"", `1e999`, `-`, ` null `, `tru`, `00`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := &scanner{b: data}
		s.skip()
		if s.end() != nil {
			return
		}
		if !json.Valid(data) {
			t.Fatalf("%q was accepted", data)
		}
		var text string
		if data[0] == '"' && json.Unmarshal(data, &text) == nil {
			if got := (&scanner{b: data}).string(); got != text {
				t.Errorf("%q reads as %q, want %q", data, got, text)
			}
		}
		var number float64
		if json.Unmarshal(data, &number) == nil && data[0] != 'n' {
			got := (&scanner{b: data}).float(64)
			if math.Float64bits(got) != math.Float64bits(number) && data[0] != ' ' {
				t.Errorf("%q reads as %g, want %g", data, got, number)
			}
		}
	})
}
