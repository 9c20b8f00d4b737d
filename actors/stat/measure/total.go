package measure

// totalFamily are the categories that count and add up what is over, and statuses as they run.
var totalFamily = map[string]*category{
	"TotalNumber":         {historical: true, whole: true, compute: number(func(s sideView) int64 { return s.number })},
	"TotalTime":           {historical: true, compute: length(func(s sideView) int64 { return s.time })},
	"TotalAdjustedNumber": {historical: true, whole: true, compute: number(func(s sideView) int64 { return s.adjusted })},
	"TotalAdjustedTime":   {historical: true, compute: length(func(s sideView) int64 { return s.adjustedIn })},
	"MaxTime":             {historical: true, compute: length(func(s sideView) int64 { return s.longest })},
	"MinTime":             {historical: true, compute: length(func(s sideView) int64 { return max(s.shortest, 0) })},
	"TotalDistinctTime":   {historical: true, compute: length(sideView.distinctTime)},
	"TotalNumberInTimeRange": {historical: true, whole: true,
		compute: number(func(s sideView) int64 { return s.inRange[0] })},
	"TotalTimeInTimeRange": {historical: true, compute: length(func(s sideView) int64 { return s.timeInRange[0] })},
	"TotalNumberPerSecond": {historical: true, compute: func(v *view) (float64, bool) {
		return by(float64(v.sides[0].number), seconds(v.to-v.from))
	}},
	"AverageTime": {historical: true, compute: func(v *view) (float64, bool) {
		return by(seconds(v.sides[0].time), float64(v.sides[0].number))
	}},
	"ElapsedTimePercentage": {historical: true, compute: func(v *view) (float64, bool) {
		return percent(seconds(v.sides[0].time), seconds(v.to-v.from))
	}},
}

// number is a whole number of the main mask, length a time of it in seconds.
func number(of func(sideView) int64) func(*view) (float64, bool) {
	return func(v *view) (float64, bool) { return float64(of(v.sides[0])), false }
}

func length(of func(sideView) int64) func(*view) (float64, bool) {
	return func(v *view) (float64, bool) { return seconds(of(v.sides[0])), false }
}

// distinctTime is the time of each connection id, all facts of it together.
func (s sideView) distinctTime() (sum int64) {
	for _, t := range s.distinct {
		sum += t
	}
	if s.distinct == nil {
		return s.time
	}
	return sum
}
