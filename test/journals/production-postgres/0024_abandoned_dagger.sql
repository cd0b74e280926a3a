-- Left behind by a rebase: in the folder, not in the journal. Nobody runs it.
CREATE TABLE "never_created" ("id" integer);
