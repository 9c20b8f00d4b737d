package measure

// relativeFamily are the categories that compare two masks over an interval.
var relativeFamily = map[string]*category{
	"RelativeNumberPercentage": {historical: true, relative: must, compute: func(v *view) (float64, bool) {
		return percent(float64(v.sides[0].number), float64(v.sides[1].number))
	}},
	"RelativeTimePercentage": {historical: true, relative: must, compute: func(v *view) (float64, bool) {
		return percent(seconds(v.sides[0].time), seconds(v.sides[1].time))
	}},
	"TotalNumberInTimeRangePercentage": {historical: true, relative: must, compute: func(v *view) (float64, bool) {
		return percent(float64(v.sides[0].inRange[0]), float64(v.sides[1].number))
	}},
	"AverageNumberPerRelativeHour": {historical: true, relative: must, mainFilter: true, compute: func(v *view) (float64, bool) {
		return by(3600*float64(v.sides[0].number), seconds(v.sides[1].time))
	}},
}
