#!/bin/sh
# A small reconstruction: reads Les Houches events, writes one line for each with its
# number of visible particles, their invariant mass and scalar sum of transverse
# momenta (GeV), and says how many events it has read.
#
# usage: reco.sh INPUT OUTPUT
set -eu

awk -v out="$2" '
  BEGIN { printf "" > out }
  /^ *<event[ >]/ { inside = 1; header = 1; n = 0; px = py = pz = e = sum = 0; next }
  /^ *<\/event>/ {
    mass2 = e * e - px * px - py * py - pz * pz
    mass = mass2 > 0 ? sqrt(mass2) : 0
    printf "EVENT %d particles=%d mass=%.3f sumpt=%.3f\n", ++events, n, mass, sum > out
    inside = 0
    next
  }
  !inside || /^ *#/ || /^ *</ { next }
  header { header = 0; next }
  # Status 1 is a particle that leaves the collision; neutrinos (12, 14, 16) are not seen.
  $2 == 1 {
    id = $1 < 0 ? -$1 : $1
    if (id == 12 || id == 14 || id == 16) next
    n++
    px += $7; py += $8; pz += $9; e += $10
    sum += sqrt($7 * $7 + $8 * $8)
  }
  END { printf "read %d events\n", events }
' "$1"
