package srtp

import (
	pion "github.com/pion/srtp/v3"

	"tandem/media/sdp"
)

// profiles are what the library knows the encryptions by.
var profiles = map[sdp.Suite]pion.ProtectionProfile{
	sdp.GCM:      pion.ProtectionProfileAeadAes128Gcm,
	sdp.SHA1:     pion.ProtectionProfileAes128CmHmacSha1_80,
	sdp.SHA1Weak: pion.ProtectionProfileAes128CmHmacSha1_32,
}
