// Package vault keeps passwords for those logins that can not do with a hash.
package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
)

// Vault seals passwords. Some logins prove the knowledge of a password by a digest over a challenge (APOP,
// RFC 1939 section 7; CRAM-MD5, RFC 2195), which can only be checked by who has the password itself. The
// key is derived from the cluster's secret, so that a copy of the accounts alone opens nothing.
type Vault struct{ aead cipher.AEAD }

// New is a vault with a key of 32 bytes.
func New(key []byte) Vault {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("vault: a derived key has 32 bytes: " + err.Error())
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic("vault: AES has blocks of 16 bytes: " + err.Error())
	}
	return Vault{aead}
}

// Seal hides a password; the owner's name is bound to it, so that it opens for nobody else.
func (v Vault) Seal(owner, password string) string {
	nonce := make([]byte, v.aead.NonceSize())
	_, _ = rand.Read(nonce) // never fails (crypto/rand)
	return base64.RawStdEncoding.EncodeToString(v.aead.Seal(nonce, nonce, []byte(password), []byte(owner)))
}

// Open shows the password again; false: there is none, or it is not the owner's.
func (v Vault) Open(owner, sealed string) (password string, ok bool) {
	b, err := base64.RawStdEncoding.DecodeString(sealed)
	if err != nil || len(b) < v.aead.NonceSize() {
		return "", false
	}
	n := v.aead.NonceSize()
	plain, err := v.aead.Open(nil, b[:n], b[n:], []byte(owner))
	return string(plain), err == nil
}
