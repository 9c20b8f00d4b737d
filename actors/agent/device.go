package agent

import "time"

// DeviceUp: a phone or a session at which he works is there. DeviceDown: it is not, or somebody else works there now.
func (a *Agent) DeviceUp(device, phone string, now time.Time) []Effect {
	a.begin(now)
	if a.state == LoggedOut || device == "" || len(device) > maxText || a.devices[device] == "" && len(a.devices) >= maxDevices {
		return nil
	}
	a.devices[device] = cut(phone)
	a.choose()
	return a.end()
}

// DeviceDown: a device is not there any more. Without any he is not reachable, but does not log off: it may come back.
func (a *Agent) DeviceDown(device string, now time.Time) []Effect {
	a.begin(now)
	delete(a.devices, device)
	return a.end()
}

// CallBegan: he has a call outside of queues. He is rung by those queues alone that ring who has other calls.
func (a *Agent) CallBegan(leg string, now time.Time) []Effect {
	a.begin(now)
	if leg == "" || len(leg) > maxText || len(a.outside) >= maxCalls {
		return nil
	}
	if _, known := a.outside[leg]; !known {
		a.outside[leg] = now
	}
	return a.end()
}

// CallEnded: it is over, or its leg is not there any more.
func (a *Agent) CallEnded(leg string, now time.Time) []Effect {
	a.begin(now)
	if _, known := a.outside[leg]; !known {
		return nil
	}
	delete(a.outside, leg)
	a.record.Calls++
	a.record.LastCall, a.kept = now, true
	a.choose()
	return a.end()
}
