package storage

// Error is a failure with the text that programs get.
type Error string

func (e Error) Error() string { return string(e) }

// The failures.
const (
	ErrNoFile   Error = "file is not found"
	ErrExists   Error = "file already exists"
	ErrBadName  Error = "illegal file name"
	ErrNotEmpty Error = "directory is not empty"
	ErrQuota    Error = "account storage is full"
	ErrMailbox  Error = "mailbox is full"
	ErrTooLarge Error = "file is too large"
	ErrPosition Error = "illegal file position"
	ErrDenied   Error = "access denied"
	ErrAccount  Error = "unknown user account"
	ErrStorage  Error = "storage is not available"
)
