package actors

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
)

// vault seals passwords. Some logins prove the knowledge of a password by a digest over a challenge (APOP,
// RFC 1939 section 7; CRAM-MD5, RFC 2195), which can only be checked by who has the password itself. The
// key is derived from the cluster's secret, so that a copy of the accounts alone opens nothing.
type vault struct{ aead cipher.AEAD }

func newVault(key []byte) vault {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("actors: a derived key has 32 bytes: " + err.Error())
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic("actors: AES has blocks of 16 bytes: " + err.Error())
	}
	return vault{aead}
}

// seal hides a password; the owner's name is bound to it, so that it opens for nobody else.
func (v vault) seal(owner, password string) string {
	nonce := make([]byte, v.aead.NonceSize())
	_, _ = rand.Read(nonce) // never fails (crypto/rand)
	return base64.RawStdEncoding.EncodeToString(v.aead.Seal(nonce, nonce, []byte(password), []byte(owner)))
}

// open shows the password again; false: there is none, or it is not the owner's.
func (v vault) open(owner, sealed string) (password string, ok bool) {
	b, err := base64.RawStdEncoding.DecodeString(sealed)
	if err != nil || len(b) < v.aead.NonceSize() {
		return "", false
	}
	n := v.aead.NonceSize()
	plain, err := v.aead.Open(nil, b[:n], b[n:], []byte(owner))
	return string(plain), err == nil
}

func (h *House) openVault(ctx context.Context) error {
	secret, err := h.secret(ctx)
	if err != nil {
		return err
	}
	h.vault = newVault(derive(secret, "password"))
	return nil
}
