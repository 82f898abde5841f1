package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// pgvectorWriter writes what PostgreSQL's COPY reads in its text format, into a
// table (name text, embedding vector(n)) of the extension pgvector.
type pgvectorWriter struct{ w *bufio.Writer }

func newPgvectorWriter(w io.Writer) *pgvectorWriter { return &pgvectorWriter{bufio.NewWriter(w)} }

// copyEscapes are those of COPY's text format.
var copyEscapes = strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`, "\x00", "")

// Add writes one row. PostgreSQL has no text that is not UTF-8.
func (p *pgvectorWriter) Add(name string, v []float32) error {
	p.w.WriteString(copyEscapes.Replace(strings.ToValidUTF8(name, "\ufffd")))
	p.w.WriteString("\t[")
	for i, x := range v {
		if i > 0 {
			p.w.WriteByte(',')
		}
		p.w.WriteString(strconv.FormatFloat(float64(x), 'g', -1, 32))
	}
	_, err := p.w.WriteString("]\n")
	return err
}

func (p *pgvectorWriter) Flush() error { return p.w.Flush() }

// qdrantWriter writes points of Qdrant, a JSON object a line: id, vector, and
// the name as payload. The id is a UUID of the name, so that a picture that is
// written again takes the place of the one before.
type qdrantWriter struct{ w *bufio.Writer }

func newQdrantWriter(w io.Writer) *qdrantWriter { return &qdrantWriter{bufio.NewWriter(w)} }

func (q *qdrantWriter) Add(name string, v []float32) error {
	line, err := json.Marshal(struct {
		ID      string            `json:"id"`
		Vector  []float32         `json:"vector"`
		Payload map[string]string `json:"payload"`
	}{uuidOf(name), v, map[string]string{"name": strings.ToValidUTF8(name, "\ufffd")}})
	if err != nil {
		return err
	}
	_, err = q.w.Write(append(line, '\n'))
	return err
}

func (q *qdrantWriter) Flush() error { return q.w.Flush() }

// uuidOf is a UUID of version 8 (RFC 9562, section 5.8) by the SHA-256 of a name.
func uuidOf(name string) string {
	sum := sha256.Sum256([]byte(name))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}
