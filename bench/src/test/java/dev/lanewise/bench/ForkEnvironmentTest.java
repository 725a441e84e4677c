package dev.lanewise.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

class ForkEnvironmentTest {
    @Test
    void theCommandBehindItHasTheVariables() throws Exception {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("LANEWISE_A", "1");
        variables.put("LANEWISE_B", "two");
        ForkEnvironment environment = new ForkEnvironment(ForkEnvironment.option(variables));
        List<String> command = new ArrayList<>(environment.addJVMInvokeOptions(null));
        command.addAll(List.of("sh", "-c", "echo $LANEWISE_A $LANEWISE_B"));
        Process process = new ProcessBuilder(command).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(output).isEqualToIgnoringNewLines("1 two");
    }
}
