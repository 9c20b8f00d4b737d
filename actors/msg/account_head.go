package msg

import "google.golang.org/protobuf/proto"

// ReadAccountHead reads of the registrations of an account, AccountBindings as the store has them, what their readers in
// passing want. False: they are in JSON, as the first releases wrote them, which has to be read whole.
func ReadAccountHead(body []byte) (head *AccountHead, ok bool, err error) {
	if InJSON(body) {
		return nil, false, nil
	}
	head = &AccountHead{}
	err = proto.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(body, head)
	return head, err == nil, err
}

// InJSON tells a body in JSON from a message, which begins with the tag of a field.
func InJSON(body []byte) bool { return len(body) > 0 && body[0] == '{' }
