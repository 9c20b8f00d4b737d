package stock

import (
	"strings"
	"testing"

	"tandem/actors/pbx/cgpl"
	"tandem/actors/pbx/task"
)

// speaker says what its parameters are, in the language of the first.
const speaker = `
procedure playNumber(n) external;
procedure say::digits(text) external;
procedure say::day(t) external;
procedure say::clockTime(t) external;
entry main is
  given = Vars().startParameter;
  Void(AcceptCall());
  SetLanguage(given[0] == "english" ? null : given[0]);
  if given[1] == "number" then playNumber(given[2]);
  elif given[1] == "value" then playNumber(ToObject(given[2]));
  elif given[1] == "digits" then say::digits(given[2]);
  elif given[1] == "day" then say::day(ToObject(given[2]));
  else say::clockTime(ToObject(given[2]));
  end if;
end entry;`

// said is which sounds the parameters become, without the directory of the language.
func said(t *testing.T, params ...string) string {
	t.Helper()
	program, list := cgpl.Compile("speaker.sppr", speaker, task.Library())
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	m := newMemory(stockEnvironment(t), program, "speaker")
	var words []string
	for _, event := range []string{"call param=" + strings.Join(params, " param="), "wait 2m"} {
		for _, line := range m.Do(event) {
			if sound, ok := strings.CutPrefix(line, "plays "); ok {
				words = append(words, strings.TrimPrefix(sound, params[0]+"/"))
			}
		}
	}
	return strings.Join(words, " ")
}

func TestNumbersInWords(t *testing.T) {
	for _, c := range []struct{ number, english, german string }{
		{"0", "0", "0"},
		{"1", "1", "1"},
		{"7", "7", "7"},
		{"12", "12", "12"},
		{"20", "20", "20"},
		{"21", "20 1", "1_ and 20"},
		{"40", "40", "40"},
		{"99", "90 9", "9 and 90"},
		{"100", "1_ hundred", "1_ hundred"},
		{"101", "1_ hundred 1", "1_ hundred 1"},
		{"217", "2 hundred 17", "2 hundred 17"},
		{"1000", "1_ thousand", "1_ thousand"},
		{"1001", "1_ thousand 1", "1_ thousand 1"},
		{"21034", "20 1 thousand 30 4", "1_ and 20 thousand 4 and 30"},
		{"101000", "1_ hundred 1_ thousand", "1_ hundred 1_ thousand"},
		{"999999", "9 hundred 90 9 thousand 9 hundred 90 9", "9 hundred 9 and 90 thousand 9 hundred 9 and 90"},
		{"1000000", "1 0 0 0 0 0 0", "1 0 0 0 0 0 0"},
		{"-5", "minus 5", "minus 5"},
		{"-9223372036854775808", "minus 9 2 2 3 3 7 2 0 3 6 8 5 4 7 7 5 8 0 8", "minus 9 2 2 3 3 7 2 0 3 6 8 5 4 7 7 5 8 0 8"},
		{"12#", "12", "12"},
	} {
		if got := said(t, "english", "number", c.number); got != c.english {
			t.Errorf("%s in English: %s, want %s", c.number, got, c.english)
		}
		if got := said(t, "german", "number", c.number); got != c.german {
			t.Errorf("%s in German: %s, want %s", c.number, got, c.german)
		}
	}
	for _, silent := range []string{"#NULL#", "(1,2)", "{a=1;}"} {
		if got := said(t, "english", "value", silent); got != "" {
			t.Errorf("%s is said as %s", silent, got)
		}
	}
}

// Stories play on 2 January 2030, a Wednesday.
func TestTimesInWords(t *testing.T) {
	for _, c := range []struct{ what, value, english, german string }{
		{"digits", "+49-30x12", "4 9 3 0 1 2", "4 9 3 0 1 2"},
		{"digits", "1234567890123456789012345", "1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0", "1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0"},
		{"time", "#T02-01-2030_00:00:00", "at 0 oclock", "at 0 oclock"},
		{"time", "#T02-01-2030_14:05:59", "at 14 o 5", "at 14 oclock 5"},
		{"time", "#T02-01-2030_23:41:00", "at 20 3 40 1", "at 3 and 20 oclock 1_ and 40"},
		{"day", "#T02-01-2030_23:41:00", "today", "today"},
		{"day", "#T03-01-2030_23:41:00", "today", "today"}, // a clock that is ahead
		{"day", "#T01-01-2030_23:41:00", "yesterday", "yesterday"},
		{"day", "#T30-12-2029_23:41:00", "Sun", "Sun"},
		{"day", "#T20-12-2029_23:41:00", "beforedays 13 daysago", "beforedays 13 daysago"},
	} {
		if got := said(t, "english", c.what, c.value); got != c.english {
			t.Errorf("%s %s in English: %s, want %s", c.what, c.value, got, c.english)
		}
		if got := said(t, "german", c.what, c.value); got != c.german {
			t.Errorf("%s %s in German: %s, want %s", c.what, c.value, got, c.german)
		}
	}
}
