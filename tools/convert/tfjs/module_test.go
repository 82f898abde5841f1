package tfjs

import (
	"encoding/base64"
	"strings"
	"testing"
	"testing/fstest"

	"likeness/tools/convert/tensorflow"
)

const loader = `!function(a){module.exports=a()}(function(){return function(){}({1:[function(a,n,i){n.exports=`

func TestModuleJSON(t *testing.T) {
	for _, c := range []struct{ js, want string }{
		{`{a:!0,b_1:[.5,-1e3,1e21],"c d":'it\'s "x"',e:{},f:void 0,g:null,h:!1,$:[]}`, `{"a":true,"b_1":[0.5,-1000,1e+21],"c d":"it's \"x\"","e":{},"f":null,"g":null,"h":false,"$":[]}`},
		{`{ a : [ 1 , 2 ] }`, `{"a":[1,2]}`},
		{`{a:"é\u00e9\n"}`, `{"a":"é\u00e9\n"}`},
		{`{a:function(){}}`, "! byte 97: this is code, not data; only literals are read"},
		{`{a:1 b:2}`, "! byte 99: a comma or '}' is expected"},
		{`{a:"x`, "! byte 119: a string that does not end"},
		{`{a:"\x41"}`, "! byte 99: an unknown escape in a string"},
		{`{a:1.2.3}`, `! byte 102: "1.2.3" is not a number`},
		{`{a:` + strings.Repeat("[", 300), "! byte 297: more than 200 levels of nesting"},
		{`{a:0x10}`, "! byte 98: a comma or '}' is expected"},
		{`require("x")`, "! the module exports no object and no string"},
	} {
		got, err := moduleJSON([]byte(loader + c.js + "},{}]},{},[1])(1)});"))
		if want, bad := strings.CutPrefix(c.want, "! "); bad {
			if err == nil || err.Error() != want {
				t.Errorf("%.40s: %v, want %s", c.js, err, want)
			}
		} else if err != nil || string(got) != c.want {
			t.Errorf("%s:\ngot  %s %v\nwant %s", c.js, got, err, c.want)
		}
	}
}

// TestModules reads a model whose files are wrapped for a bundler.
func TestModules(t *testing.T) {
	shard := loader + `"` + base64.StdEncoding.EncodeToString(make([]byte, 24)) + `"},{}]},{},[1])(1)});`
	fsys := fstest.MapFS{"model.min.js": {Data: []byte(loader + tinyGraph + "},{}]},{},[1])(1)});")}, "w.bin.min.js": {Data: []byte(shard)}}
	g, err := ReadFS(fsys, "", tensorflow.Options{})
	if err != nil || len(g.Nodes) != 4 {
		t.Fatalf("%v %v", g, err)
	}
	fsys["w.bin.min.js"].Data = []byte(loader + `"@@@@"}`)
	if _, err := ReadFS(fsys, "", tensorflow.Options{}); err == nil || !strings.Contains(err.Error(), "w.bin.min.js: illegal base64") {
		t.Error(err)
	}
}
