# The report of the example access_log, thousands separators removed, as one fact a line.
NR == 1 { sub(/ lines$/, ""); print "lines", $NF; next }
/^$/ { section = ""; next }
/^(shard|client|status|hour|replay from) / { section = $1; next }
/ earlier hours are left out/ { sub(/\(/, ""); print "hidden", $1; next }
/ requests answered with / { print "requests", $1, $5; next }
/^malformed lines: / { sub(/\(/, "", $4); print "malformed", $3, $4; next }
/^lines too long for a record: / { print "too_long", $7; next }
/^  line [0-9]+: / { sub(/:/, "", $2); print "line", $2; next }
section == "shard" { sub(/^shardId-0*/, "", $1); print "shard", ($1 == "" ? 0 : $1), $2, $3, $4, $5; next }
section == "client" && $2 == "others" { print "others", $1, $3; next }
section == "client" || section == "status" { print section, $1, $2; next }
section == "hour" { print "hour", $1 "T" $2, $3, length($4); next }
section == "replay" && $1 == "at_timestamp" { print "replay at_timestamp together", $2 + $3, $4; next }
section == "replay" { print "replay", $1, $2, $3, $4; next }
