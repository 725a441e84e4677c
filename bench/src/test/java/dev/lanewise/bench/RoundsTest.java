package dev.lanewise.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

class RoundsTest {
    private static Rounds.Contender contender(Rounds.Role role) {
        return new Rounds.Contender("name", RoundsTest.class, Map.of(), List.of(), role);
    }

    private static long roundsOf(Rounds.Contender contender, int rounds) {
        return IntStream.range(0, rounds).filter(r -> contender.runsIn(r, rounds)).count();
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 2", "3, 3", "5, 3", "10, 3", "20, 3"})
    void whatIsComparedWithRunsInUpToThreeRounds(int rounds, int expected) {
        assertThat(roundsOf(contender(Rounds.Role.PEER), rounds)).isEqualTo(expected);
        assertThat(roundsOf(contender(Rounds.Role.BASELINE), rounds)).isEqualTo(expected);
        assertThat(roundsOf(contender(Rounds.Role.TESTED), rounds)).isEqualTo(rounds);
    }

    @Test
    void itsRoundsAreSpreadOverAll() {
        Rounds.Contender peer = contender(Rounds.Role.PEER);
        assertThat(IntStream.range(0, 10).filter(r -> peer.runsIn(r, 10))).containsExactly(3, 6, 9);
    }
}
