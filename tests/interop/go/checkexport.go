// Checks an export with golang.org/x/mod/sumdb/note and tlog: nothing of our own code runs here, and nothing of it is copied.
//
//	go run checkexport.go DIR LOG_VKEY [WITNESS_VKEY…]
//
// It verifies the checkpoint and every cosignature of the witnesses named, recomputes the tree from the entry bundles, proves every leaf from the
// hash tiles, checks the proof bundle of every batch and that each batch's checkpoint is a past of the last one. It prints what it counted;
// the exit code is 1 when anything disagrees.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

func main() {
	if len(os.Args) < 3 {
		fail(errors.New("usage: checkexport DIR LOG_VKEY [WITNESS_VKEY…]"))
	}
	dir, logKey, witnessKeys := os.Args[1], os.Args[2], os.Args[3:]
	known, err := verifiers(logKey, witnessKeys)
	fail(err)
	wanted := 1 + len(witnessKeys)

	tree, signatures, err := openCheckpoint(read(dir, "checkpoint"), logKey, known)
	fail(err)
	if signatures != wanted {
		fail(fmt.Errorf("checkpoint has %d good signatures, not %d", signatures, wanted))
	}

	records, err := entries(dir, tree.N)
	fail(err)
	root, err := rootOf(records)
	fail(err)
	if root != tree.Hash {
		fail(errors.New("the entry bundles have another root than the checkpoint"))
	}

	reader := tlog.TileHashReader(tree, tiles{dir, tree.N})
	for i, record := range records {
		proof, err := tlog.ProveRecord(tree.N, int64(i), reader)
		fail(err)
		fail(tlog.CheckRecord(proof, tree.N, tree.Hash, int64(i), tlog.RecordHash(record)))
	}

	bundles, trees := 0, []tlog.Tree{}
	for _, path := range proofBundles(dir) {
		bundle, err := parseBundle(read(dir, path))
		fail(err)
		past, signatures, err := openCheckpoint(bundle.checkpoint, logKey, known)
		fail(err)
		if signatures != wanted {
			fail(fmt.Errorf("%s has %d good signatures, not %d", path, signatures, wanted))
		}
		if bundle.index >= int64(len(records)) {
			fail(fmt.Errorf("%s is about a leaf beyond the log", path))
		}
		// The extra line is not authenticated by the format; here it has to be the record.
		if bundle.extra != nil && !bytes.Equal(bundle.extra, records[bundle.index]) {
			fail(fmt.Errorf("%s brings another record than the log has", path))
		}
		fail(tlog.CheckRecord(bundle.proof, past.N, past.Hash, bundle.index, tlog.RecordHash(records[bundle.index])))
		trees = append(trees, past)
		bundles++
	}
	steps := 0
	for i, past := range trees {
		// Each with the next, and the last with the checkpoint: one unbroken line.
		next := tree
		if i+1 < len(trees) {
			next = trees[i+1]
		}
		if past.N > next.N {
			fail(errors.New("a later batch has a smaller tree"))
		}
		proof, err := tlog.ProveTree(next.N, past.N, reader)
		fail(err)
		fail(tlog.CheckTree(proof, next.N, next.Hash, past.N, past.Hash))
		steps++
	}
	fmt.Printf("size %d leaves %d bundles %d steps %d signatures %d\n", tree.N, len(records), bundles, steps, wanted)
}

func verifiers(logKey string, witnessKeys []string) (note.Verifiers, error) {
	list := []note.Verifier{}
	log, err := note.NewVerifier(logKey)
	if err != nil {
		return nil, err
	}
	list = append(list, log)
	for _, key := range witnessKeys {
		witness, err := newWitness(key)
		if err != nil {
			return nil, err
		}
		list = append(list, witness)
	}
	return note.VerifierList(list...), nil
}

func openCheckpoint(text []byte, logKey string, known note.Verifiers) (tlog.Tree, int, error) {
	opened, err := note.Open(text, known)
	if err != nil {
		return tlog.Tree{}, 0, err
	}
	lines := strings.Split(opened.Text, "\n")
	origin := strings.SplitN(logKey, "+", 2)[0]
	if len(lines) != 4 || lines[0] != origin || lines[3] != "" {
		return tlog.Tree{}, 0, errors.New("not a checkpoint of this log")
	}
	signedByLog := false
	for _, signature := range opened.Sigs {
		signedByLog = signedByLog || signature.Name == origin
	}
	if !signedByLog {
		return tlog.Tree{}, 0, errors.New("the log did not sign")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, 0, err
	}
	hash, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: hash}, len(opened.Sigs), err
}

// entries reads every record of the log from tile/entries.
func entries(dir string, size int64) ([][]byte, error) {
	records := [][]byte{}
	for n := int64(0); n*256 < size; n++ {
		width := size - n*256
		if width > 256 {
			width = 256
		}
		data := read(dir, tilePath("entries", n, int(width)))
		for i := int64(0); i < width; i++ {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				return nil, errors.New("an entry bundle ends early")
			}
			length := int(binary.BigEndian.Uint16(data))
			records = append(records, data[2:2+length])
			data = data[2+length:]
		}
		if len(data) != 0 {
			return nil, errors.New("an entry bundle goes on after its last entry")
		}
	}
	return records, nil
}

func rootOf(records [][]byte) (tlog.Hash, error) {
	stored := []tlog.Hash{}
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			hashes[i] = stored[index]
		}
		return hashes, nil
	})
	for i, record := range records {
		more, err := tlog.StoredHashes(int64(i), record, reader)
		if err != nil {
			return tlog.Hash{}, err
		}
		stored = append(stored, more...)
	}
	return tlog.TreeHash(int64(len(records)), reader)
}

// tiles reads hash tiles where C2SP tlog-tiles puts them; tlog checks each against the checkpoint's root.
type tiles struct {
	dir  string
	size int64
}

func (t tiles) Height() int { return height }

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	found := [][]byte{}
	for _, tile := range wanted {
		// An export keeps each tile as wide as the log allows: a narrower one is its beginning.
		width := (t.size >> (height * uint(tile.L))) - tile.N<<height
		if width > 1<<height {
			width = 1 << height
		}
		data, err := os.ReadFile(filepath.Join(t.dir, tilePath(strconv.Itoa(tile.L), tile.N, int(width))))
		if err != nil {
			return nil, err
		}
		if len(data) != int(width)*tlog.HashSize {
			return nil, errors.New("a tile has a wrong length")
		}
		found = append(found, data[:tile.W*tlog.HashSize])
	}
	return found, nil
}

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func tilePath(level string, n int64, width int) string {
	path := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		path = fmt.Sprintf("x%03d/%s", n%1000, path)
	}
	path = "tile/" + level + "/" + path
	if width < 256 {
		path += ".p/" + strconv.Itoa(width)
	}
	return path
}

type proofBundle struct {
	index      int64
	extra      []byte
	proof      tlog.RecordProof
	checkpoint []byte
}

func parseBundle(text []byte) (proofBundle, error) {
	head, checkpoint, found := bytes.Cut(text, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !found || lines[0] != "c2sp.org/tlog-proof@v1" {
		return proofBundle{}, errors.New("not a proof bundle")
	}
	lines = lines[1:]
	var extra []byte
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		decoded, err := base64.StdEncoding.Strict().DecodeString(lines[0][len("extra "):])
		if err != nil {
			return proofBundle{}, err
		}
		extra, lines = decoded, lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return proofBundle{}, errors.New("a proof bundle without index")
	}
	index, err := strconv.ParseInt(lines[0][len("index "):], 10, 64)
	if err != nil {
		return proofBundle{}, err
	}
	proof := tlog.RecordProof{}
	for _, line := range lines[1:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return proofBundle{}, err
		}
		proof = append(proof, hash)
	}
	return proofBundle{index, extra, proof, checkpoint}, nil
}

// proofBundles gives the bundles by batch number; the paths of greater numbers are longer, never shorter.
func proofBundles(dir string) []string {
	paths := []string{}
	fail(filepath.Walk(filepath.Join(dir, "batch"), func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		relative, err := filepath.Rel(dir, path)
		paths = append(paths, relative)
		return err
	}))
	sort.Slice(paths, func(i, j int) bool {
		if len(paths[i]) != len(paths[j]) {
			return len(paths[i]) < len(paths[j])
		}
		return paths[i] < paths[j]
	})
	return paths
}

// witness verifies cosignature/v1 (C2SP tlog-cosignature), which this package does not know.
type witness struct {
	name string
	id   uint32
	key  ed25519.PublicKey
}

func newWitness(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("not a verifier key")
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 33 || key[0] != 4 {
		return nil, errors.New("not the key of a witness")
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	id := binary.BigEndian.Uint32(sum[:])
	if fmt.Sprintf("%08x", id) != parts[1] {
		return nil, errors.New("the key id is not that of the key")
	}
	return witness{parts[0], id, ed25519.PublicKey(key[1:])}, nil
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.id }
func (w witness) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	head := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(signature))
	return ed25519.Verify(w.key, append([]byte(head), text...), signature[8:])
}

func read(dir, path string) []byte {
	data, err := os.ReadFile(filepath.Join(dir, path))
	fail(err)
	return data
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
