// expect: the reason a user reads
static_assert(sizeof(char) == 2, "some other reason");
