package tfjs

import (
	"encoding/json"
	"strings"

	"likeness/tools/convert/tensorflow"
)

func names(refs []ref) []string {
	var out []string
	for _, r := range refs {
		out = append(out, r.layer)
	}
	return out
}

// ready looks up inputs, if all have been made.
func (k *kerasModel) ready(refs []ref, made map[ref][]tensorflow.Value) ([]tensorflow.Value, bool) {
	var x []tensorflow.Value
	for _, r := range refs {
		v := made[ref{r.layer, r.call, 0}]
		if r.output < 0 || r.output >= len(v) {
			return nil, false
		}
		x = append(x, v[r.output])
	}
	return x, true
}

// refs reads one [layer, call, output] or a list of them.
func (k *kerasModel) refs(attr string, raw json.RawMessage) []ref {
	var list []json.RawMessage
	k.decode(attr, raw, &list)
	if len(list) == 3 {
		var name string
		if json.Unmarshal(list[0], &name) == nil {
			return []ref{k.ref(attr, list)}
		}
	}
	var out []ref
	for _, item := range list {
		var parts []json.RawMessage
		k.decode(attr, item, &parts)
		out = append(out, k.ref(attr, parts))
	}
	return out
}

func (k *kerasModel) ref(attr string, parts []json.RawMessage) (r ref) {
	if len(parts) < 3 {
		k.Fail(attr, "[layer, call, output] is wanted")
	}
	k.decode(attr, parts[0], &r.layer)
	k.decode(attr, parts[1], &r.call)
	k.decode(attr, parts[2], &r.output)
	if len(parts) > 3 {
		var kwargs map[string]any
		k.decode(attr, parts[3], &kwargs)
		for key, v := range kwargs {
			if v != nil && v != false && key != "training" && key != "mask" {
				k.Fail(attr, "argument %q is not supported", key)
			}
		}
	}
	return r
}

// inbound reads the calls of a layer, in the form of Keras 2 or of Keras 3.
func (k *kerasModel) inbound(raw json.RawMessage) [][]ref {
	var calls []json.RawMessage
	if len(raw) == 0 {
		return nil
	}
	k.decode("inbound_nodes", raw, &calls)
	var out [][]ref
	for _, c := range calls {
		if strings.HasPrefix(strings.TrimSpace(string(c)), "{") {
			var call struct{ Args json.RawMessage }
			k.decode("inbound_nodes", c, &call)
			var refs []ref
			k.tensors(call.Args, &refs, 0)
			out = append(out, refs)
			continue
		}
		out = append(out, k.refs("inbound_nodes", c))
	}
	return out
}

// tensors collects the Keras tensors in the arguments of a call.
func (k *kerasModel) tensors(raw json.RawMessage, refs *[]ref, depth int) {
	if strings.HasPrefix(strings.TrimSpace(string(raw)), "[") && depth < 4 {
		var list []json.RawMessage
		k.decode("inbound_nodes", raw, &list)
		for _, item := range list {
			k.tensors(item, refs, depth+1)
		}
		return
	}
	var t struct {
		ClassName string `json:"class_name"`
		Config    struct {
			History []json.RawMessage `json:"keras_history"`
		} `json:"config"`
	}
	k.decode("inbound_nodes", raw, &t)
	if t.ClassName != "__keras_tensor__" {
		k.Fail("inbound_nodes", "an argument that is no tensor is not supported")
	}
	*refs = append(*refs, k.ref("inbound_nodes", t.Config.History))
}
