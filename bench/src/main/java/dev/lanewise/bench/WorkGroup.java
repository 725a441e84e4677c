package dev.lanewise.bench;

import dev.lanewise.bench.work.Peer;
import dev.lanewise.bench.work.Work;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Works at the sizes that matter, vector against scalar and, where asked for, against the peers on
 * the class path.
 */
final class WorkGroup implements Group {
    private final String name;
    private final String description;
    private final List<String> works;

    WorkGroup(String name, String description, String... works) {
        this.name = name;
        this.description = description;
        this.works = List.of(works);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public List<String> cases(BenchOptions options) {
        return works;
    }

    @Override
    public List<Measurement> measure(BenchOptions options, MachineLimits limits) throws Exception {
        List<Peer> peers = peers(options);
        List<Rounds.Case> cases = new ArrayList<>();
        for (String id : works) {
            if (options.includes(id)) {
                cases.add(toCase(Work.parse(id), peers));
            }
        }
        return Rounds.run(name, cases, options, options.kernelRunner(name, limits));
    }

    private static Rounds.Case toCase(Work work, List<Peer> peers) {
        List<Rounds.Contender> contenders =
                Contenders.vectorAndScalar(WorkBenchmark.class, parameters(work));
        contenders.addAll(peerContenders(work, peers, Map.of()));
        return new Rounds.Case(work.id(), work.flops(), work.bytes(), work.footprint(), contenders);
    }

    /** What {@link WorkBenchmark} needs to run a work on our own kernels. */
    static Map<String, String> parameters(Work work) {
        return Map.of("work", work.id(), "by", WorkBenchmark.OURS);
    }

    /** The peers that can do this work, with these variables in their environment. */
    static List<Rounds.Contender> peerContenders(
            Work work, List<Peer> peers, Map<String, String> environment) {
        return peers.stream()
                .filter(peer -> peer.supports(work))
                .map(
                        peer ->
                                new Rounds.Contender(
                                        peer.name(),
                                        WorkBenchmark.class,
                                        Map.of("work", work.id(), "by", peer.name()),
                                        List.of("--enable-native-access=ALL-UNNAMED"),
                                        environment,
                                        Rounds.Role.PEER))
                .toList();
    }

    /** The peers on the class path; says on standard error where there should be some. */
    static List<Peer> peers(BenchOptions options) {
        List<Peer> peers = options.peers() ? Peer.all() : List.of();
        if (options.peers() && peers.isEmpty()) {
            System.err.println(
                    "bench: no peer on the class path; bench/run --peers builds with the profile 'peers'");
        }
        return peers;
    }
}
