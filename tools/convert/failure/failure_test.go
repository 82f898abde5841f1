package failure

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"
)

// TestTable: every code of this package is in the table once, with words.
func TestTable(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "failure.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		d, ok := n.(*ast.GenDecl)
		if !ok || d.Tok != token.CONST {
			return true
		}
		for _, s := range d.Specs {
			code, err := strconv.Unquote(s.(*ast.ValueSpec).Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			codes[code] = true
		}
		return false
	})
	for _, row := range Table {
		if !codes[row.Code] || row.Means == "" || row.Helps == "" || Helps(row.Code) != row.Helps {
			t.Errorf("%+v is no row of a code, or there twice", row)
		}
		delete(codes, row.Code)
	}
	if len(codes) > 0 {
		t.Errorf("the table lacks %v", codes)
	}
}

func TestError(t *testing.T) {
	for _, c := range []struct {
		e    Error
		want string
	}{
		{Error{Reason: "nothing"}, "nothing"},
		{Error{Operator: "Conv", Node: "c", Tensor: "y", Reason: "bad"}, `Conv "c": bad`},
		{Error{Operator: "Conv", Tensor: "y", Reason: "bad", Hint: "; try again"}, `Conv making "y": bad; try again`},
		{Error{Operator: "Pad", Node: "p", Attribute: "mode", Value: `"odd"`}, `Pad "p": mode="odd" is not supported`},
		{Error{Operator: "Pad", Node: "p", Attribute: "mode", Value: `"odd"`, Reason: "why"}, `Pad "p": mode="odd" is not supported: why`},
		{Error{Node: "p", Attribute: "mode", Reason: "why"}, `node "p": mode: why`},
	} {
		if got := c.e.Error(); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
	if err := fmt.Errorf("file: %w", New(CodeLayer, "no layer %q", "x")); Code(err) != CodeLayer || err.Error() != `file: no layer "x"` {
		t.Error(err, Code(err))
	}
	if Code(errors.New("odd")) != CodeFile || Helps("other") != "" {
		t.Error("an error without a code is of the file")
	}
}
