package measure

// Running is an action that goes on at an object.
type Running struct {
	Name Name
	Conn string // connection id; "" where it belongs to no call
}

// StatusOfDevice is the status of a device: the highest of its actions that can be one. While a call is on hold the action
// of that call does not count (reference statserver.md 2.5). Without any action it is NotMonitored. which is the place of
// the winner among them, -1 for none; of equal ones the first wins.
func StatusOfDevice(actions []Running) (status Name, which int) {
	status, which = NotMonitored, -1
	for i, a := range actions {
		if !a.Name.IsStatus() || a.Name < status || which >= 0 && a.Name == status || hidden(a, actions) {
			continue
		}
		status, which = a.Name, i
	}
	return status, which
}

// hidden: its call is on hold.
func hidden(a Running, actions []Running) bool {
	if a.Conn == "" || a.Name == CallOnHold {
		return false
	}
	for _, b := range actions {
		if b.Name == CallOnHold && b.Conn == a.Conn {
			return true
		}
	}
	return false
}

// StatusOfPlace is that of a place, by the highest status of its voice devices and of its other channels; the booleans say
// whether there are any, and loggedIn whether somebody is logged in to a voice device.
func StatusOfPlace(voice, other Name, hasVoice, hasOther, loggedIn bool) Name {
	switch {
	case !hasVoice && !hasOther:
		return NotMonitored
	case !hasOther:
		return voice
	case !hasVoice:
		return other
	case voice > NotReadyForNextCall:
		return voice
	case other > voice, !loggedIn:
		return other
	}
	return voice
}

// StatusOfAgent is that of an agent, by the place rules over the devices to which he is logged in; without any he is
// LoggedOut.
func StatusOfAgent(voice, other Name, hasVoice, hasOther bool) Name {
	if !hasVoice && !hasOther {
		return LoggedOut
	}
	return StatusOfPlace(voice, other, hasVoice, hasOther, hasVoice)
}

// StatusOfGroup is that of a group (ruling D-13): ready if a member is, else not ready if one is logged in, else what all
// of them are.
func StatusOfGroup(members []Name) Name {
	status := NotMonitored
	for _, m := range members {
		switch {
		case m == WaitForNextCall:
			return m
		case m == LoggedOut || m == NotMonitored:
			if status == NotMonitored {
				status = m
			}
		default:
			status = NotReadyForNextCall
		}
	}
	return status
}
