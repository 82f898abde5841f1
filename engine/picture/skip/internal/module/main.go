// Command module writes the page's module of package skip.
package main

import (
	"log"
	"os"

	"likeness/engine/picture/skip"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("the file to write is wanted")
	}
	if err := os.WriteFile(os.Args[1], []byte(skip.Module()), 0o644); err != nil {
		log.Fatal(err)
	}
}
