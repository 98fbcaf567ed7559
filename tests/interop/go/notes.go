// Signs and opens notes with golang.org/x/mod/sumdb/note.
//
//	go run notes.go key NAME             prints a new signer key and its verifier key
//	go run notes.go sign SIGNER_KEY      signs the text on stdin
//	go run notes.go open VERIFIER_KEY    opens the note on stdin and prints its text; exit code 1 if it is not one
//	go run notes.go cosign NAME SECONDS  cosigns the note text on stdin (cosignature/v1): prints the verifier key, then the line
package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strconv"

	"golang.org/x/mod/sumdb/note"
)

func main() {
	command, argument := os.Args[1], os.Args[2]
	switch command {
	case "key":
		signer, verifier, err := note.GenerateKey(rand.Reader, argument)
		fail(err)
		fmt.Println(signer)
		fmt.Println(verifier)
	case "sign":
		signer, err := note.NewSigner(argument)
		fail(err)
		signed, err := note.Sign(&note.Note{Text: string(input())}, signer)
		fail(err)
		os.Stdout.Write(signed)
	case "open":
		verifier, err := note.NewVerifier(argument)
		fail(err)
		opened, err := note.Open(input(), note.VerifierList(verifier))
		fail(err)
		fmt.Print(opened.Text)
	case "cosign":
		seconds, err := strconv.ParseUint(os.Args[3], 10, 63)
		fail(err)
		public, private, err := ed25519.GenerateKey(rand.Reader)
		fail(err)
		cosign(argument, seconds, public, private)
	default:
		os.Exit(2)
	}
}

func cosign(name string, seconds uint64, public ed25519.PublicKey, private ed25519.PrivateKey) {
	key := append([]byte{4}, public...)
	id := sha256.Sum256(append([]byte(name+"\n"), key...))
	message := append([]byte(fmt.Sprintf("cosignature/v1\ntime %d\n", seconds)), input()...)
	signature := append([]byte{}, id[:4]...)
	signature = append(signature, make([]byte, 8)...)
	binary.BigEndian.PutUint64(signature[4:], seconds)
	signature = append(signature, ed25519.Sign(private, message)...)
	fmt.Printf("%s+%x+%s\n", name, id[:4], base64.StdEncoding.EncodeToString(key))
	fmt.Printf("— %s %s\n", name, base64.StdEncoding.EncodeToString(signature))
}

func input() []byte {
	text, err := io.ReadAll(os.Stdin)
	fail(err)
	return text
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
