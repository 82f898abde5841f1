package output

import (
	"strings"
	"testing"
)

func TestNamesOfWindows(t *testing.T) {
	for path, want := range map[string]string{
		"vectors.npy": "", `C:\photos\vectors.npy`: "", "C:vectors.npy": "", "d:/x/y.tsv": "", `\\server\share\a.npy`: "", "nul": "", "NUL": "",
		"console.npy": "", "com10": "", "auxiliary": "", "..": "", ".hidden": "", "a.b.c": "",
		"con": "device", "CON.npy": "device", `x\aux.tsv`: "device", "x/Lpt1": "device", "com¹.npy": "device", "nul.npy": "device", "prn .npy": "device", "C:con": "device",
		"vectors.npy:stream": "do not hold", `C:\a?b.npy`: "do not hold", "a|b": "do not hold", "C:a:b": "do not hold",
		"vectors.": "drops", "vectors ": "drops", "a/b. .": "drops",
	} {
		err := checkName("windows", path)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", path, err, want)
		}
		for _, goos := range []string{"linux", "darwin"} {
			if err := checkName(goos, path); err != nil {
				t.Errorf("%s refuses %q: %v", goos, path, err)
			}
		}
	}
}
