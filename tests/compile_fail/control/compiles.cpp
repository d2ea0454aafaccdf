// expect: anything at all
static_assert(sizeof(char) == 1, "anything at all");
