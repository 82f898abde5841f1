//go:build unix

package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// pillowScript reads the photos, then for each line on standard input decodes
// all of them and writes the CPU nanoseconds that it took.
const pillowScript = `
import io, sys, struct, time
from PIL import Image
stdin = sys.stdin.buffer
photos = []
for _ in range(struct.unpack("<I", stdin.read(4))[0]):
    photos.append(stdin.read(struct.unpack("<I", stdin.read(4))[0]))
for line in stdin:
    start = time.process_time_ns()
    for photo in photos:
        im = Image.open(io.BytesIO(photo))
        if line.strip() == b"draft":
            im.draft("RGB", (im.width // 8, im.height // 8))
        im.load()
    print(time.process_time_ns() - start, flush=True)
`

type pillow struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out io.Reader
}

func startPillow(photos [][]byte) (*pillow, error) {
	const python = "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import PIL").Run(); err != nil {
		return nil, fmt.Errorf("%s has no PIL: Debian's python3-pil has", python)
	}
	p := &pillow{cmd: exec.Command(python, "-c", pillowScript)}
	p.cmd.Stderr = os.Stderr
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if p.out, err = p.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	if err := binary.Write(p.in, binary.LittleEndian, uint32(len(photos))); err != nil {
		return nil, err
	}
	for _, photo := range photos {
		if err := binary.Write(p.in, binary.LittleEndian, uint32(len(photo))); err != nil {
			return nil, err
		}
		if _, err := p.in.Write(photo); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *pillow) ask(what string) func() (time.Duration, error) {
	return func() (time.Duration, error) {
		if _, err := fmt.Fprintln(p.in, what); err != nil {
			return 0, err
		}
		var ns int64
		_, err := fmt.Fscan(p.out, &ns)
		return time.Duration(ns), err
	}
}

func (p *pillow) close() {
	p.in.Close()
	p.cmd.Wait()
}
