# The lessons, in the order of the tutorial.
lessons := "race lock deadlock gil processes pool queue pipe fetch user-io"
